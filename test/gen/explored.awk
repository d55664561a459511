# explored.awk -v seed=N -v n=N: inbound contacts of n customers, whose outcome depends on the queue that they were sent to. With
# -v decisions=FILE what jroute decided (queue, event; a line each) is read first, and what came of each is written: a useful answer
# in time, or none. The chance of an answer is 0.8 from the desk for family delivery, 0.3 else; from the general queue 0.5 for both.
function random() {
	state = (state * 48271) % 2147483647
	return state / 2147483647
}
function at(minutes) {
	return sprintf("2026-03-%02dT%02d:%02d:00.000Z", 1 + int(minutes / 1440), int(minutes / 60) % 24, minutes % 60)
}
function record(id, minutes, more, data) {
	printf "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"desk/a\",\"type\":\"message\",\"time\":\"%s\",\"session\":\"s%s\",\"channel\":\"email\",%s,\"data\":{\"identifiers\":[{\"kind\":\"email\",\"value\":\"c%s@mail.example\"}],%s}}\n", id, at(minutes), num, more, num, data
}
BEGIN {
	state = seed * 7919 + 17
	for (i = 0; i < 20; i++) random()
	while (decisions != "" && (getline line < decisions) > 0) {
		split(line, part, " ")
		queue[part[2]] = part[1]
	}
	for (num = 1; num <= n; num++) {
		late = random() < 0.5
		lucky = random()
		minutes = num * 10
		if (decisions == "")
			record("e" num, minutes, "\"direction\":\"in\",\"actor\":\"customer\"", "\"intent\":\"" (late ? "delivery.late" : "refund.request") "\",\"text\":\"Please.\"")
		else if (lucky < (queue["e" num] == "desk" ? (late ? 0.8 : 0.3) : 0.5))
			record("a" num, minutes + 5, "\"direction\":\"out\",\"actor\":\"agent\"", "\"agent\":\"ana\",\"text\":\"Your parcel 4471 arrives tomorrow at noon, and the refund of 20 euros was paid.\"")
	}
	num = 0
	if (decisions != "")
		record("z", n * 10 + 3000, "\"direction\":\"in\",\"actor\":\"customer\"", "\"text\":\"Hello?\"")
}
