# Proposals with their context, or policies about them: awk -v what=policies|proposals -v n=N [-v spread=ACTIONS] -f decide.awk
function action(i,  a) {
	split("refund credit discount compensation fee.waive charge replacement cancellation offer data.change", a, " ")
	return a[i % spread + 1]
}
BEGIN {
	if (!spread) spread = 10
	if (what == "policies") {
		print "jtools: policies/1\nname: bench\nversion: \"1\"\npolicies:"
		for (i = 0; i < n; i++)
			printf "  - id: p%d\n    actions: [%s]\n    when: amount > %d and contacts_7d >= %d and %s\n    then: %s\n%s    reason: rule %d\n",
				i, action(i), i * 7 % 400, i % 4, i % 3 ? "decided_30d < " i * 20 : "tier = 'gold'",
				i % 5 == 4 ? "deny" : i % 5 == 3 ? "limit" : "allow", i % 5 == 3 ? "    limit: 500 - decided_30d\n" : "", i
		exit
	}
	srand(7)
	for (i = 0; i < n; i++)
		printf "{\"specversion\":\"1.0\",\"id\":\"p%d\",\"source\":\"bot/a\",\"type\":\"action.proposed\",\"time\":\"2026-03-%02dT%02d:00:00.000Z\",\"session\":\"s%d\",\"channel\":\"chat\",\"direction\":\"internal\",\"actor\":\"bot\",\"data\":{\"identifiers\":[{\"kind\":\"email\",\"value\":\"c%d@mail.example\"}],\"action\":\"%s\",\"amount\":%d,\"currency\":\"EUR\",\"context\":{\"known\":true,\"first_contact\":false,\"contacts_24h\":1,\"contacts_7d\":%d,\"contacts_30d\":4,\"open_issues\":1,\"decided_30d\":%d,\"decisions_30d\":2,\"tier\":\"%s\",\"region\":\"BR\"}}}\n",
			i, i % 28 + 1, i % 24, i % 20000, i % 20000, action(int(rand() * 1000)), rand() * 500, rand() * 4, rand() * 300,
			rand() < 0.1 ? "gold" : "blue"
}
