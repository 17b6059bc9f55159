"""The demo company: invented customers with their people, orders, payments, talk and files."""
