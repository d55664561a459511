# Records of a few people with promises, decisions, orders, consents, tiers and tags, one in eight of them late:
# -v seed=N -v n=N -v people=N -v days=N
function pick(list, all, n) {
	n = split(list, all, " ")
	return all[int(rand() * n) + 1]
}
function stamp(at) {
	return strftime("%Y-%m-%dT%H:%M:%S.000Z", 1767225600 + at, 1)
}
BEGIN {
	srand(seed)
	for (i = 1; i <= n; i++) {
		person = int(rand() * people) + 1
		now += int(rand() * 86400 * days / n * 2)
		at = rand() < 0.125 ? int(now * rand()) : now
		channel = pick("whatsapp email web voice chat")
		type = "message"
		direction = "in"
		actor = "customer"
		more = ""
		kind = int(rand() * 16)
		if (kind < 6) {
			more = ",\"intent\":\"" pick("delivery.late refund.request quote.price order.status") "\""
			if (rand() < 0.3)
				more = more ",\"entities\":{\"product\":\"lamp " int(rand() * 3) "\"}"
			if (rand() < 0.4)
				more = more ",\"region\":\"" pick("BR US JP DE IN") "\""
		} else if (kind < 8) {
			direction = "out"
			actor = kind == 6 ? "agent" : "bot"
			more = ",\"agent\":\"" actor int(rand() * 2) "\"" (rand() < 0.3 ? ",\"purpose\":\"marketing\"" : "")
		} else if (kind == 8) {
			type = "commitment.made"
			more = ",\"action\":\"a" int(rand() * 2) "\",\"due\":\"" stamp(at + int(rand() * 864000)) "\""
		} else if (kind == 9) {
			type = "commitment.kept"
			more = ",\"action\":\"a" int(rand() * 2) "\""
		} else if (kind == 10) {
			type = "decision.made"
			more = ",\"amount\":" int(rand() * 1000) / 10 ",\"verdict\":\"" pick("allow limit deny") "\""
		} else if (kind == 11) {
			type = "consent." pick("granted revoked")
			more = ",\"purpose\":\"" pick("marketing survey") "\"" (rand() < 0.7 ? ",\"channel\":\"" pick("whatsapp email web") "\"" : "")
		} else if (kind < 14) {
			type = kind == 12 ? "order.placed" : "order.cancelled"
			more = ",\"amount\":" int(rand() * 5000) / 10
		} else if (kind == 14) {
			type = "visit"
			more = ",\"tier\":\"" pick("gold basic") "\",\"tags\":[" pick("\"vip\" \"vip\",\"loud\"") "]"
		} else {
			type = "action.proposed"
			more = ",\"action\":\"message.outbound\",\"purpose\":\"marketing\",\"channel\":\"" pick("whatsapp email web") "\""
		}
		printf "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"x/a\",\"type\":\"%s\",\"time\":\"%s\",\"session\":\"s%d%s%d\"," \
			"\"channel\":\"%s\",\"direction\":\"%s\",\"actor\":\"%s\",\"data\":{\"identifiers\":[{\"kind\":\"phone\",\"value\":\"+55%d\"}]%s}}\n",
			i, type, stamp(at), person, channel, int(at / 864000), channel, direction, actor, 1000 + person, more
	}
}
