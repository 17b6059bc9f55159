/* Plain pages: sign-in and errors. */
document.documentElement.classList.add("js");
document.querySelector("[autofocus], .plain-box input:not([type=hidden])")?.focus({ preventScroll: true });
