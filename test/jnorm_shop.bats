#!/usr/bin/env bats
# The shipped maps of shops, leads and deals. Golden files as in fixtures/jnorm/maps: <case>.args holds one argument a line, the
# last is the name under which the input is read.
bats_require_minimum_version 1.5.0
load helper

MAPS="$TOP/fixtures/jnorm/maps"
CASES='shopify shopify-graphql shopify-csv woocommerce meta-leads meta-leads-csv hubspot-deals hubspot-deals-csv'

# Reads a case under its own name, and leaves `out` and `err` in a folder of its own.
read_case() {
	local c=$1 args status=0
	mkdir -p "$c"
	mapfile -t args <"$MAPS/$c.args"
	cp "$MAPS/$c.in" "$c/${args[-1]}"
	(cd "$c" && jnorm "${args[@]}" >out 2>err) || status=$?
	return "$status"
}

content() {
	jq -cS 'del(.data.origin, .data.order)' "$@" | sort
}

@test "every golden export of a shop, a form or a pipeline gives its events" {
	local failed=
	for k in $CASES; do
		for f in "$MAPS/$k"/*.in; do
			c=${f#"$MAPS/"}
			c=${c%.in}
			read_case "$c" || :
			diff "$MAPS/$c.out" "$c/out" || failed="$failed $c"
		done
	done
	[ -z "$failed" ] || { echo "failed:$failed"; false; }
}

@test "an order in another export, under another name, has the same id" {
	for c in shopify/orders shopify/webhook shopify-graphql/bulk shopify-graphql/edges shopify-csv/orders; do
		read_case "$c"
		jq -r 'select(.type == "order.placed") | [.id, .source, .time, .data.amount] | @tsv' "$c/out" | grep 5503 >>same
	done
	[ "$(sort -u same | wc -l)" -eq 1 ]
	read_case hubspot-deals/history
	read_case hubspot-deals-csv/deals
	[ "$(jq -r 'select(.type == "order.placed" and .session == "deal-301") | [.id, .time, .data.amount] | @tsv' hubspot-deals/history/out hubspot-deals-csv/deals/out | sort -u | wc -l)" -eq 1 ]
}

@test "an order that was paid, tagged and sent since is the same record" {
	read_case shopify/orders
	jq '.orders[0] |= (.financial_status = "refunded" | .tags = "x" | .updated_at = "2026-04-01T00:00:00Z" | .customer.orders_count = 9)' "$MAPS/shopify/orders.in" >later.json
	jnorm -q --account acme --region BR --tz America/Sao_Paulo later.json >later
	diff <(content shopify/orders/out) <(content later)
}

@test "orders of tests and dummy leads are left out, and guests are nobody" {
	read_case shopify/orders
	run ! grep 5502 shopify/orders/out
	read_case meta-leads/leads
	run ! grep 4282 meta-leads/leads/out
	read_case woocommerce/orders
	run ! grep '"kind":"crm","value":"0"' woocommerce/orders/out
	[ "$(jq -r 'select(.id == "order-103").data.identifiers[0].kind' woocommerce/orders/out)" = placeholder ]
	[ -z "$(jq -r 'select(.type == "order.placed" and (.session | . == "order-102" or . == "order-104" or . == "order-109"))' woocommerce/orders/out)" ]
}

@test "amounts keep their digits" {
	read_case shopify/orders
	grep -q '"amount":12345678901234.56[,}]' shopify/orders/out
	grep -q '"amount":1234.10[,}]' shopify/orders/out
}

@test "UTF-16 with a byte order mark is read from a file, a pipe and an archive, with its lines" {
	read_case meta-leads-csv/tabs || [ $? -eq 65 ]
	grep -q 'leads.csv:6: ' meta-leads-csv/tabs/err
	[ "$(jq -r 'select(.type == "lead") | .data.origin.line' meta-leads-csv/tabs/out | tr '\n' ' ')" = '2 3 ' ]
	tail -c +3 "$MAPS/meta-leads-csv/tabs.in" | iconv -f UTF-16LE -t UTF-8 >plain.csv
	{ printf '\xfe\xff'; iconv -f UTF-8 -t UTF-16BE plain.csv; } >big.csv
	content meta-leads-csv/tabs/out >want
	opts=(-q --account acme --region BR --tz America/Sao_Paulo)
	for f in plain.csv big.csv; do
		jnorm "${opts[@]}" "$f" >some || [ $? -eq 65 ]
		diff want <(content some)
	done
	jnorm "${opts[@]}" - <big.csv >some || [ $? -eq 65 ]
	diff want <(content some)
	gzip -k big.csv
	jnorm "${opts[@]}" big.csv.gz >some || [ $? -eq 65 ]
	diff want <(content some)
}

@test "a chat in UTF-16 is read as in UTF-8" {
	printf '02/03/2026 09:00 - Ana Prado: Cadê meu pedido? 😊\n02/03/2026 09:01 - Lume: Já vejo\n' >a.txt
	{ printf '\xff\xfe'; iconv -f UTF-8 -t UTF-16LE a.txt; } >b.txt
	jnorm -q --self Lume a.txt >a
	jnorm -q --self Lume b.txt >b
	[ -s a ]
	diff <(content a) <(content b)
}

# By hand: Ana asks in a chat, leaves her data in a form, her deal goes on, and she buys; Caio asks and does not buy. Both
# opportunities ended more than 30 days before the last record: 1 of 2 is won.
@test "a chat, a lead, a deal and an order are one opportunity that is won once" {
	cat >chat.ndjson <<-'X'
		{"specversion":"1.0","id":"1","source":"chat/acme","type":"message","time":"2026-03-01T12:00:00Z","session":"a","channel":"chat","direction":"in","actor":"customer","data":{"text":"quero comprar","intent":"purchase.buy","identifiers":[{"kind":"phone","value":"+5511912345601"}]}}
		{"specversion":"1.0","id":"2","source":"chat/acme","type":"message","time":"2026-03-01T12:10:00Z","session":"b","channel":"chat","direction":"in","actor":"customer","data":{"text":"quero comprar","intent":"purchase.buy","identifiers":[{"kind":"email","value":"caio@mail.example"}]}}
		{"specversion":"1.0","id":"3","source":"chat/acme","type":"visit","time":"2026-05-20T12:00:00Z","session":"c","channel":"web","direction":"in","actor":"customer","data":{"identifiers":[{"kind":"email","value":"dora@mail.example"}]}}
	X
	read_case meta-leads/leads
	read_case hubspot-deals/history
	read_case shopify/orders
	cat chat.ndjson meta-leads/leads/out hubspot-deals/history/out shopify/orders/out | jlog append -q --db db >/dev/null
	run --separate-stderr jmetrics --db db -o ndjson conversion funnel
	[ "$status" -eq 0 ]
	[ "$(jq -rc 'select(.metric == "conversion") | [.numerator, .n]' <<<"$output")" = '[1,2]' ]
	# The lead, then the deal's consideration, quote and purchase.
	[ "$(jq -rc 'select(.metric == "funnel" and .group.stage == "quote").value' <<<"$output")" = 1 ]
	[ "$(jq -rc 'select(.metric == "funnel" and .group.stage == "awareness").value' <<<"$output")" = 2 ]
}

@test "a buyer's national telephone number is that of her country, whatever the shop's" {
	echo '{"id":5,"created_at":"2026-03-02T09:00:00Z","financial_status":"paid","currency":"BRL","total_price":"9.00","line_items":[],"billing_address":{"phone":"(11) 91234-5678","country_code":"BR"}}' >shopify.json
	echo '{"id":6,"date_created":"2026-03-02T09:00:00","date_created_gmt":"2026-03-02T09:00:00","status":"processing","currency":"BRL","total":"9.00","line_items":[],"number":"6","order_key":"wc_order_1","created_via":"checkout","billing":{"phone":"(11) 91234-5678","country":"BR"}}' >woo.json
	for f in shopify woo; do
		[ "$(jnorm -q --region US $f.json | jq -c 'select(.type == "order.placed").data.identifiers[]')" = '{"kind":"phone","value":"+5511912345678"}' ]
	done
}
