# A random history of events, one JSON record a line, the same for the same variables on every awk.
#
#   awk -f history.awk -v seed=1 -v n=100 [-v people=6] [-v days=40] [-v late=20] [-v shared=30] [-v links=5] [-v partings=0] [-v first=1] [-v rich=1]
#
# people  customers behind the events, each with some of three identifiers; late: percent of events that come out of the order
# of their times; shared: percent of sessions that more than one of them writes in; links: percent of records that join
# identifiers; partings: percent of records that say that two identifiers are one person, or that they are not;
# first: number of the first event, so that a history can go on; rich: with opportunities, questions, feelings, promises,
# decisions, answers and stages as well.

# Park and Miller's generator: exact in the doubles of any awk.
function roll(k) {
	state = (state * 16807) % 2147483647
	return state % k
}
function percent(p) {
	return roll(1000) < p * 10
}
function pick(list,    k) {
	k = split(list, choice, " ")
	return choice[1 + roll(k)]
}
function two(k) {
	return k < 10 ? "0" k : "" k
}
# Days since 2026-01-01 to a date within 2026.
function stamp(seconds,    day, month, left) {
	left = seconds % 86400
	day = (seconds - left) / 86400
	for (month = 1; day >= length_of[month]; month++)
		day -= length_of[month]
	return sprintf("2026-%s-%sT%s:%s:%s.000Z", two(month), two(day + 1), two(int(left / 3600)),
		two(int(left % 3600 / 60)), two(left % 60))
}
function identifier(person, kind) {
	if (kind == 0)
		return sprintf("{\"kind\":\"phone\",\"value\":\"+5511%08d\"}", person)
	if (kind == 1)
		return sprintf("{\"kind\":\"email\",\"value\":\"p%d@x.example\"}", person)
	return sprintf("{\"kind\":\"crm\",\"value\":\"k%d\"}", person)
}
function member(name, value) {
	data = data (data == "" ? "" : ",") "\"" name "\":" value
}
function text(name, value) {
	member(name, "\"" value "\"")
}
function say_who(person) {
	if (percent(links))
		member("identifiers", "[" identifier(person, roll(3)) "," identifier(percent(90) ? person : 1 + roll(people), roll(3)) "]")
	else if (percent(4))
		member("identifiers", "[{\"kind\":\"crm\",\"value\":\"unknown\"}]")
	else if (percent(55))
		member("identifiers", "[" identifier(person, roll(3)) "]")
}
function message() {
	if (percent(55)) {
		direction = "in"
		actor = "customer"
		if (percent(70))
			text("intent", pick("delivery.late delivery.status billing.charge billing.invoice technical.fault refund.status courtesy.thanks resolved"))
		if (percent(30))
			member("entities", "{\"" pick("order email phone invoice") "\":\"" roll(100) "\"}")
		text("text", pick("Olá Hi order_late thanks"))
		return
	}
	direction = percent(95) ? "out" : "internal"
	actor = pick("agent agent agent bot system")
	if (actor != "system")
		text("agent", pick("ana bia rui"))
	if (percent(25))
		member("asks", "[\"" pick("order email phone name") "\"]")
	if (percent(20))
		text("purpose", pick("service marketing"))
	text("text", pick("ok which? done sure?"))
}
function call() {
	direction = percent(80) ? "in" : "out"
	actor = direction == "in" ? "customer" : "agent"
	text("reason", pick("answered answered answered abandoned_queue voicemail busy"))
	member("duration", roll(600))
	member("wait", roll(60))
	if (percent(70))
		text("agent", pick("ana bia rui"))
	if (percent(50))
		text("intent", pick("delivery.late billing.charge technical.fault"))
}
# What she says of more: intents that sell or ask, wordings of one question, how she feels.
function rich_words() {
	if (percent(40))
		text("intent", pick("quote.price purchase.payment quote.discount delivery.status delivery.late"))
	if (percent(40))
		text("text", pick("where_is_my_parcel_of_monday_please? where_is_my_parcel_of_monday? what_does_it_cost_in_blue? fine"))
	if (percent(40))
		member("sentiment", (roll(201) - 100) / 100)
	if (percent(20))
		member("signals", "[\"" pick("frustration churn repeat") "\"]")
	if (percent(30))
		member("entities", "{\"order\":\"" roll(3) "\"}")
}
function rich_record() {
	type = pick("commitment.made commitment.kept survey.answered decision.made consent.granted consent.revoked stage.changed stage.changed stage.changed order.placed abandoned handoff case.closed case.reopened")
	actor = "system"
	if (type ~ /^commitment/) {
		text("action", pick("call refund send"))
		if (percent(70))
			text("due", stamp(roll(days * 86400)))
	} else if (type == "survey.answered") {
		text("scale", pick("csat5 nps ces7"))
		member("score", roll(11))
	} else if (type == "decision.made") {
		text("action", pick("refund credit"))
		text("verdict", pick("allow deny review"))
		member("inputs", percent(50) ? "{\"a\":1,\"b\":" roll(2) "}" : "{\"b\":" roll(2) ".0,\"a\":1}")
	} else if (type ~ /^consent/) {
		if (percent(80))
			text("channel", pick("email whatsapp"))
		text("purpose", "marketing")
	} else if (type == "stage.changed") {
		text("stage", pick("awareness consideration quote purchase"))
	} else if (type == "abandoned") {
		text("reason", pick("no_reply too_long"))
	} else if (type == "handoff") {
		member("context", "{\"customer\":\"c\"" (percent(50) ? ",\"intent\":\"x\"" : "") (percent(50) ? ",\"summary\":\"s\",\"consent\":\"\"" : "") (percent(50) ? ",\"entities\":{\"order\":\"1\"}" : "") "}")
	}
}
function record() {
	type = pick("case.opened case.assigned case.closed case.reopened escalated transferred handoff order.placed stage.changed consent.granted consent.revoked survey.answered lead visit identity.linked")
	actor = "system"
	if (type ~ /^(escalated|transferred|handoff|case.assigned)$/) {
		if (percent(70))
			text("from", pick("ana bia rui"))
		text("to", pick("ana bia rui"))
		text("reason", pick("complaint skill shift"))
	} else if (type ~ /^consent/) {
		text("channel", pick("email whatsapp"))
		text("purpose", pick("marketing service"))
	} else if (type == "lead" || type == "visit") {
		direction = "in"
		actor = "customer"
		if (percent(60))
			text("intent", pick("delivery.late billing.charge"))
	} else if (type == "stage.changed") {
		text("stage", pick("service purchase"))
	}
}
function event(i,    person, place, at, channel, source, session) {
	person = 1 + roll(people)
	place = roll(4)
	source = pick_of["source", place]
	channel = place == 2 ? pick("web email") : pick_of["channel", place]
	session = percent(shared) ? "s" roll(1 + int(people / 2)) : "s" person "-" roll(3)
	at = percent(late) ? roll(days * 86400) : int(i * days * 86400 / (first + n)) + roll(7200)
	data = ""
	direction = actor = ""
	if (rich && percent(30)) {
		rich_record()
	} else if (rich && percent(40)) {
		type = "message"
		direction = "in"
		actor = "customer"
		rich_words()
	} else if (percent(70)) {
		type = "message"
		message()
	} else if (percent(40)) {
		type = "call"
		call()
	} else {
		record()
	}
	if (partings && percent(partings)) {
		type = pick("identity.linked identity.unlinked identity.unlinked")
		data = direction = actor = ""
		at_kind = roll(3)
		member("identifiers", "[" identifier(person, at_kind) "," identifier(person, (at_kind + 1 + roll(2)) % 3) "]")
	} else if (type == "identity.linked")
		member("identifiers", "[" identifier(person, roll(3)) "," identifier(person, roll(3)) "]")
	else
		say_who(person)
	if (percent(15))
		text("case", "HD-" roll(people * 2))
	if (percent(10))
		text("lang", pick("pt en"))
	if (percent(30))
		member("order", i)
	printf "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"%s\",\"type\":\"%s\",\"time\":\"%s\"", i, source, type, stamp(at)
	if (percent(5))
		printf ",\"customer\":\"k%d\"", person
	if (!percent(3))
		printf ",\"session\":\"%s\"", session
	printf ",\"channel\":\"%s\"", channel
	if (direction != "")
		printf ",\"direction\":\"%s\"", direction
	if (actor != "")
		printf ",\"actor\":\"%s\"", actor
	print ",\"data\":{" data "}}"
}
function given(value, otherwise) {
	return value == "" ? otherwise : value
}
BEGIN {
	state = 1 + (seed * 7919 + 17) % 2147483646
	split("31 28 31 30 31 30 31 31 30 31 30 31", length_of, " ")
	split("", choice)
	n = given(n, 100)
	people = given(people, 6)
	days = given(days, 40)
	late = given(late, 20)
	shared = given(shared, 30)
	links = given(links, 5)
	first = given(first, 1)
	split("whatsapp/a mail/a desk/a calls/a", names, " ")
	split("whatsapp email web voice", channels, " ")
	for (i = 0; i < 4; i++) {
		pick_of["source", i] = names[i + 1]
		pick_of["channel", i] = channels[i + 1]
	}
	roll(2)
	for (i = first; i < first + n; i++)
		event(i)
}
