"""What people of the demo company noted after talking with customers."""

from typing import Final

# Channel, who began, what was noted; `history` fills in the words in braces.
Note = tuple[str, str, str]


def _notes(written: str) -> tuple[Note, ...]:
    found = []
    for line in written.strip().splitlines():
        channel, direction, words = line.split("|", 2)
        found.append((channel, direction, words))
    return tuple(found)


NOTES: Final = _notes("""
phone|out|电话联系{who}，对方确认{product}的预算已经批下来，下周给正式需求，先按去年的配置报价。
phone|out|致电{who}了解{product}使用情况，整体满意，只提了一点：夜班报警声音太小，已转技术处理。
phone|out|{who}在外地出差，约好回来后再细谈，期间资料先发邮箱。
phone|out|与{who}沟通合同付款节点，对方希望 3-5-2，我方坚持 3-6-1，各自回去请示。
phone|out|回访{product}安装进度，{who}说现场土建晚了一周，请我们顺延进场时间，已同步项目组。
phone|out|连续两次未接，第三次{who}接通，表示最近在忙审计，月底前不谈新采购。
phone|out|电话确认发货清单，{who}要求加急两箱易损件，今天下班前安排顺丰发出。
phone|out|{who}反馈财务已提交付款申请，预计本周五到账，请我们先开发票。
phone|out|跟进报价，{who}说另有两家在比，我们的价格居中，交期是优势，建议下周到现场再讲一次方案。
phone|out|提醒维保合同月底到期，{who}同意续签一年，要求把响应时间从 8 小时改成 4 小时。
phone|out|{who}说新厂长刚到任，采购计划要重新过会，先保持联系，不催。
phone|out|确认周四上午 10 点拜访，{who}会请{peer}一起参加，重点听投资回报测算。
phone|out|与{who}核对开票信息，抬头和税号无误，地址有变更，已更新档案。
phone|out|询问扩建项目进展，{who}透露董事会已原则同意，最迟下个季度启动招标。
phone|out|{who}对上次培训评价不错，想再安排一场给夜班组，人数约 15 人。
phone|in|{who}来电，{city}现场一台设备报错停机，远程指导复位后恢复，要求明天派人彻底检查。
phone|in|{who}来电催货，说产线等着用，查到货在中转仓，承诺明天中午前送到。
phone|in|{who}来电咨询{product}能否与他们的 ERP 对接，记录了接口清单，转技术评估。
phone|in|{who}来电询问能否分期付款，解释了公司政策，约了财务一起开会。
phone|in|{who}来电投诉送货司机态度不好，当场道歉并记录车牌，会跟承运商追责后回复。
phone|in|客户前台转来{who}，想了解托盘租赁，给了租金区间，对方要书面报价。
phone|in|{who}来电说收到的数量少了 6 件，核对出库单后确认漏发，今天补发并致歉。
phone|in|{who}打听竞争对手的案例，没有评价同行，只介绍了我们在{city}的两个项目。
wechat|out|微信发了{product}的案例视频，{who}回复“效果不错，内部看一下”。
wechat|out|节日问候，{who}顺便提到下个月要盘库，可能需要临时手持终端 10 台。
wechat|out|给{who}发了会议纪要，对方改了两处：交期以合同为准，培训增加一次。
wechat|out|询问样品试用情况，{who}说仓管员上手快，准备写试用报告给{peer}看。
wechat|out|{who}发来现场照片，货架立柱有轻微碰伤，已请安全工程师判断是否需要更换。
wechat|out|发送续签优惠方案，{who}希望再让两个点，答应明天给答复。
wechat|in|{who}发来语音，大意是老板嫌总价高，想把二期拿掉只做一期，请重新报价。
wechat|in|{who}问{product}的货期，告知现在下单四周，急单可以插到三周。
wechat|in|{who}发来招标文件，截止下周三，已建群拉上技术和商务。
wechat|in|{who}推荐了他的同行，在{city}做食品，有改造需求，约周五加微信细聊。
wechat|in|{who}问发票是否寄出，查到单号已签收，截图发给对方。
wechat|in|{who}说{peer}对我们的方案有保留意见，主要担心停产时间，建议补一份分步切换计划。
wecom|out|企业微信群里同步了验收清单，{who}逐条确认，剩两条待整改。
wecom|out|在项目群通报进度：控制柜今天到货，明天开始接线，{who}已安排配合人员。
wecom|in|{who}在群里反映扫码枪识别率低，判断是标签褪色，建议更换打印碳带。
wecom|in|客户项目群@我，要求周报改成每周五中午前发，{who}要拿去开例会。
wecom|in|{who}转来他们集团的供应商考核表，得分 92，扣分项是资料提交晚了两天。
email|out|发送正式报价单与技术方案，抄送{peer}，请{who}一周内反馈意见。
email|out|发出合同盖章扫描件，{who}回复收到，原件下周寄回。
email|out|发出上月服务月报，含到场次数、平均响应时间和备件更换清单。
email|out|发送整改报告和照片，{who}回复认可，同意关闭该问题。
email|out|发送 2 份同行业案例和一份投资回报测算表，{who}表示会上会讨论。
email|in|{who}来信确认订单数量与到货地址，要求外箱贴他们的物料码。
email|in|{who}来信说明付款延后两周，原因是集团资金统一调度，已转财务备案。
email|in|收到{who}的变更申请，分拣口由 18 个增加到 20 个，需要重新核价。
email|in|{who}来信要求提供设备电气图纸和安全认证复印件，已整理回复。
email|in|客户法务返回合同修改稿，争议集中在违约金比例，转公司法务看。
sms|out|短信提醒{who}明天上午工程师到场巡检，请准备好登高作业许可。
sms|out|给{who}发送到货通知与签收码。
web_chat|in|{who}在网站在线咨询{product}的选型，问了载重和巷道宽度，留了电话希望回电。
web_chat|in|在线客服接待{who}，咨询备件型号，查到对应料号并报了价。
web_form|in|官网留言：{who}想了解冷库仓储改造，预算 200 万以内，希望本月来现场看看。
web_form|in|{who}提交了试用申请，附了仓库平面图，已分配给区域销售跟进。
social|in|{who}在公众号后台留言，问展会展位号，已回复并邀请到场看演示。
face|out|拜访{who}，现场走了一遍收货到发货的流程，瓶颈在复核环节，答应一周内给改善建议。
face|out|与{who}、{peer}开方案评审会，对布局没有意见，对控制系统的冗余提了三点要求。
face|out|上门送合同，顺便看了{product}的运行情况，现场保养得不错，油位略低已提醒。
face|out|邀请{who}参观我们的样板仓，停留两个小时，对穿梭车很感兴趣，问了三次交期。
face|out|季度回访，{who}给了满意评价，同时提到希望增加一名驻场工程师。
face|out|陪同{who}做最终验收，跑了 500 托盘无差错，现场签了验收单。
face|out|到{city}与{who}吃工作餐，了解到他们明年计划在西南建分仓。
face|out|现场处理故障，更换光电传感器两只，{who}签字确认，建议下次停产时全面检查。
face|out|给{who}的团队做操作培训，到场 22 人，考试全部通过。
face|out|拜访时得知{who}即将调往集团，接任者是{peer}，需要尽快建立关系。
face|in|{who}带队来公司考察，看了生产线和质检，晚上留下签意向书。
face|in|{who}到展位详谈，现场演示后留下名片，希望展后一周内去拜访。
phone|out|按计划回访，{who}说最近业务收缩，暂停所有固定资产投资，一季度后再联系。
phone|out|{who}确认春节期间 24 小时值班安排，要求我们留一个技术电话。
phone|out|给{who}说明涨价原因是钢材上涨，对方理解，但希望老订单按原价执行。
phone|out|{who}透露{peer}更倾向国外品牌，建议我们重点讲本地服务和备件。
phone|out|核实客户联系方式，{who}的手机换号了，新号码已登记。
phone|out|跟{who}确认{product}的到货时间，对方要求避开周一收货高峰。
wechat|out|把巡检照片和问题清单发给{who}，两处护栏松动，对方已安排人员处理。
wechat|in|{who}问能不能帮忙推荐打包设备供应商，介绍了两家熟悉的。
email|out|发出年度合作总结：全年到场 26 次，平均响应 2.1 小时，无安全事故。
wecom|out|提醒{who}备件库存低于安全线，建议补 4 种，附了清单和金额。
face|out|参加{who}公司的供应商大会，拿到“优秀服务商”，领导顺带提了明年的框架合同。
phone|in|{who}反映软件升级后报表打不开，远程看是浏览器版本问题，已解决。
phone|in|{who}来电要求暂停发货，等他们仓库腾出位置再通知。
wechat|out|{who}生日，发了祝福和公司小礼品寄送单号，对方很高兴。
email|in|{who}来信感谢夜间抢修，点名表扬了当班工程师。
""")

FIRST_NOTES: Final = _notes("""
phone|out|首次电话接触，{who}介绍了公司情况：主要仓库在{city}，现用的是人工拣选，有改造想法但没有时间表。
face|in|展会上认识{who}，换了名片，对{product}有兴趣，约定两周内上门。
phone|out|老客户介绍认识{who}，第一次通话 20 分钟，对方先要公司资料和两个案例。
phone|out|官网线索，联系上{who}，确认是真实需求，预算还没定，先发了选型手册。
face|out|初次拜访{who}，了解到去年因为发错货被客户罚款，非常想解决复核问题。
wechat|out|朋友推荐加了{who}微信，自我介绍后对方说正好在找{product}的供应商。
""")
RETURN_NOTES: Final = (
    "型号发错，客户退回",
    "多下单，协商退货",
    "质量问题退换",
    "项目取消退货",
)
FILE_NOTES: Final = {
    "contract": "{name}{year}年合同",
    "visit": "{name}拜访记录",
    "letter": "致{name}函",
    "technical": "{name}技术方案",
    "finance": "{name}对账单",
}
