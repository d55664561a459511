bats_require_minimum_version 1.5.0
load helper

# said WHO LANG REGION: reads texts and gives each as a message of Wednesday 2026-03-04, 10:00 UTC ("-": not told)
said() {
	jq -cR --arg who "$1" --arg lang "$2" --arg region "$3" '{specversion: "1.0", id: "\(input_line_number)", source: "chat/t",
		type: "message", time: "2026-03-04T10:00:00Z", session: "s\(input_line_number)", channel: "chat",
		direction: (if $who == "customer" then "in" else "out" end), actor: $who,
		data: ({text: .} + (if $lang == "-" then {} else {lang: $lang} end) + (if $region == "-" then {} else {region: $region} end))}'
}

# finds LANG REGION: reads lines "entity value < text" and looks whether the text has that value; "-" is none
finds() {
	local lines
	lines=$(cat)
	sed 's/^.* < //' <<<"$lines" | said customer "$1" "$2" | jintent -q >out
	paste <(sed 's/ < .*//' <<<"$lines") <(jq -c '.data.entities // {}' out) <(sed 's/^.* < //' <<<"$lines") |
		jq -R -r 'split("\t") as [$want, $got, $text] | ($want | split(" ")) as $w | ($got | fromjson) as $e
			| ($e[$w[0]] // "-") as $v | ($w[1:] | join(" ")) as $x
			| select($v != $x) | "\($text): \($w[0]) is \($v), not \($x)"' >wrong
	cat wrong
	[ ! -s wrong ]
}

# promise LANG: reads lines "action due < text" and looks whether the text promises that; "-" is nothing
promises() {
	local lines
	lines=$(cat)
	sed 's/^.* < //' <<<"$lines" | said agent "$1" - | jintent -q >out
	diff <(sed 's/ < .*//' <<<"$lines") <(jq -rs 'map(select(.type == "commitment.made")) as $p | .[] | select(.type == "message")
		| . as $m | [$p[] | select(.data.event == $m.id) | "\(.data.action) \(.data.due // "open" | sub("T23:59:59.000Z"; ""))"]
		| if length == 0 then "-" else join(", ") end' out)
}

@test "a date is found relative to the event in English" {
	finds en - <<-'EOF'
		date 2026-03-05 < see you tomorrow
		date 2026-03-03 < I called yesterday
		date 2026-03-13 < next Friday please
		date 2026-03-06 < on Friday
		date 2026-03-06 < this Friday at 5 pm
		date 2026-03-03 < last Tuesday
		date 2026-03-02 < it came on Monday
		date 2026-03-06 < the day after tomorrow
		date 2026-03-07 < in 3 days
		date 2026-02-18 < two weeks ago
		date 2026-03-11 < within five business days
		date 2026-03-05 < on March 5th
		date 2026-03-05 < March 5th, 2026
		date 2025-12-05 < the 5th of December
		date 2026-03-25 < 25/03/2026
		date 2026-03-02 < 2026-03-02
		date 12/03 < on 12/03
		date - < I may 5 times
		date - < open 24/7
		date - < it expires 12/26
		date - < it takes 5 days
	EOF
	finds en US <<<'date 2026-12-03 < on 12/03/2026'
	finds en GB <<<'date 2026-03-12 < on 12/03/2026'
}

@test "a date is found relative to the event in Portuguese" {
	finds pt BR <<-'EOF'
		date 2026-03-05 < amanhã
		date 2026-03-06 < depois de amanhã
		date 2026-03-03 < ontem à noite
		date 2026-03-06 < sexta
		date 2026-03-06 < na sexta às 15h
		date 2026-03-06 < próxima sexta-feira
		date 2026-03-09 < segunda que vem
		date 2026-03-02 < segunda-feira passada
		date 2026-03-03 < comprei na terça
		date 2026-03-12 < 12/03
		date 2026-03-12 < 12/03/26
		date 2026-03-05 < dia 5 de março
		date 2026-03-02 < há dois dias
		date 2026-03-07 < daqui a 3 dias
		date 2026-03-11 < em até 5 dias úteis
		date - < é a segunda vez
	EOF
}

@test "a date is found relative to the event in Spanish" {
	finds es MX <<-'EOF'
		date 2026-03-05 < mañana por la mañana
		date - < por la mañana
		date 2026-03-06 < pasado mañana
		date 2026-03-09 < el próximo lunes
		date 2026-03-09 < el lunes que viene
		date 2026-03-02 < el lunes pasado
		date 2026-03-12 < 12/03
		date 2026-03-01 < hace 3 días
		date 2026-03-11 < dentro de una semana
		date 2026-03-05 < el 5 de marzo
	EOF
}

@test "an amount has one form whatever its spelling" {
	finds en - <<-'EOF'
		amount 1234.50 EUR < EUR 1,234.50
		amount 1234.50 EUR < 1.234,50 €
		amount 1234.50 EUR < €1234.5
		amount 12.00 USD < $12
		amount 12.00 USD < 12 dollars
		amount 12.00 USD < US$ 12.00
		amount 3000.00 EUR < 3k euros
		amount 0.99 GBP < £0.99
		amount 0.125 USD < $0.125 each
		amount 0.500 EUR < EUR 0,500 the kilo
		amount 125.00 EUR < 0,125k euros
		amount 10000.00 EUR < EUR 10.000
		amount - < 12 pieces
		amount - < order 12345
	EOF
	finds pt BR <<-'EOF'
		amount 1500.00 BRL < 1,5 mil reais
		amount 1500.00 BRL < R$ 1.500
		amount 2000000.00 BRL < 2 milhões de reais
	EOF
	finds es MX <<<'amount 1500.00 MXN < $ 1,500.00'
	finds es AR <<<'amount 20.00 ARS < 20 pesos'
	finds es - <<<'amount 20.00 < 20 pesos'
	mkdir onto
	printf '%s\n' 'jtools: ontology/1' 'name: o' 'version: 1.0.0' 'classes: {live: {gap: 30m}}' \
		"entities: [{id: sum, normal: amount, patterns: ['sum (\\S+)']}]" >onto/ontology.yaml
	printf '%s\n' 'sum 0,125' 'sum 1.250' 'sum 1.250,5' | said customer en - | jintent -q --ontology onto |
		jq -r .data.entities.sum | tr '\n' ' ' >out
	[ "$(cat out)" = '0.125 1250.00 1250.50 ' ]
}

@test "a card, an IBAN and a mail address are found where their checks hold" {
	finds en - <<-'EOF'
		card 4111111111111111 < card 4111 1111 1111 1111, exp 12/26
		card 4111111111111111 < 4111-1111-1111-1111
		card 4111111111111111 < 4111111111111111 123
		card 378282246310005 < 3782 822463 10005
		card - < 4111 1111 1111 1112
		card - < 1111 1111 1111 1117
		customer - < my account number 4111111111111111
		iban GB82WEST12345698765432 < gb82 west 1234 5698 7654 32
		iban DE89370400440532013000 < DE89370400440532013000.
		iban - < DE89370400440532013001
		iban - < DE8937040044053201300
		email bob.smith@example.com < write to Bob.Smith@Example.COM.
		email - < at@home
		email - < a@b..com
	EOF
}

@test "telephone numbers and postal codes are read as the region writes them" {
	finds en - <<-'EOF'
		phone +442079460958 < call +44 20 7946 0958
		phone +442079460958 < phone is +44 (0)20 7946-0958
		phone - < +99 9999 99999
		postal_code SW1A 1AA < SW1A 1AA
		postal_code 90210 < zip code 90210
	EOF
	finds pt BR <<-'EOF'
		phone +5511987654321 < me liga (11) 98765-4321
		phone +5511987654321 < meu celular é 11 98765-4321
		postal_code 01310-100 < meu CEP é 01310100
		postal_code 01310-100 < 01310-100
	EOF
	finds es ES <<<'postal_code 28013 < mi código postal es 28013'
	said customer pt - <<<'me liga (11) 98765-4321' | jintent -q --region BR | grep -qF '"phone":"+5511987654321"'
	run -2 jintent --region XX
	[[ $output == "jintent: no such region: XX"* ]]
}

@test "a day that no year of four digits has is none, and falls due never" {
	for at in 9999-12-31T23:00:00Z 0001-01-01T01:00:00Z; do
		for text in 'We will refund you within 5 days.' 'We will call you back in 900 months' 'We will refund you tomorrow.' \
			'We will send it on Friday' 'it came 1000 days ago' 'it came 900 months ago' 'we will call you next month'; do
			said agent en - <<<"$text" | jq -c --arg at "$at" '.time = $at'
		done
	done >in
	for zone in UTC Pacific/Auckland America/Los_Angeles; do
		jintent -q --tz "$zone" in | jq -r '.data | .due // empty, .entities.date // empty' >found
		run ! grep -vE '^(99[0-9][0-9]|00[0-9][1-9])-' found
		grep -q '^0001-01-0' found
	done
}

@test "days are those of the zone that is given" {
	said customer en - <<<'tomorrow' | sed 's/T10:00:00Z/T23:30:00Z/' >in
	jintent -q in | grep -qF '"date":"2026-03-05"'
	jintent -q --tz Europe/Berlin in | grep -qF '"date":"2026-03-06"'
	jintent -q --tz America/Sao_Paulo in | grep -qF '"date":"2026-03-05"'
	run -2 jintent --tz Moon/Base in
}

@test "products of a list are found by any of their spellings" {
	cp -r "$TOP/fixtures/jintent/ontology" o
	printf '%s\n' 'jtools: ontology/1' 'entities:' '  - id: product' \
		'    list: [{value: Lumen 3, spellings: [lumen three, "l3"]}, {value: Lumen 3 Pro}]' >o/own.yaml
	printf '%s\n' 'my LUMEN three broke' 'the L3!' 'lumen 3 pro' 'lumen' | said customer en - | jintent -q --ontology o |
		jq -r '.data.entities.product // "-"' >out
	diff out - <<-'EOF'
		Lumen 3
		Lumen 3
		Lumen 3 Pro
		-
	EOF
}

@test "a promise of ours in English becomes a record with what falls due when" {
	promises en <<-'EOF'
		delivery 2026-03-06 < You will have it by Friday.
		refund 2026-03-09 < we will refund you within five days
		refund 2026-03-09 < Don't worry, we’ll refund you within 3 business days!
		answer 2026-03-05T10:00:00.000Z < We'll get back to you in 24 hours. Have a nice day
		callback 2026-03-04T16:00:00.000Z < I'll call you at 4 pm.
		delivery 2026-03-05T17:00:00.000Z, refund 2026-03-09 < It will arrive tomorrow by 5 pm and we will refund the shipping within 3 business days.
		repair 2026-03-10 < Our technician will visit you next Tuesday.
		promise 2026-03-08 < We will have this sorted this week.
		callback open < They will give you a call.
		promise 2026-03-04 < We'll get this sorted by end of day.
		delivery 2026-03-08 < You'll have it by the end of the week.
		delivery 2026-03-15 < We will deliver it by the end of next week.
		delivery 2026-03-05T10:00:00.000Z < We will send it in less than 24 hours.
		refund 2026-03-06 < Your refund will be processed by Friday.
		delivery 2026-03-05 < You will have it before Friday.
		delivery 2026-03-06T17:00:00.000Z < You will have it before 5 pm on Friday.
		delivery 2026-03-04 < You will have it before the end of the day.
		delivery 2026-03-15 < You will have it before the end of next week.
		- < In the end we will send it.
		- < If you send it back, we will refund you within 5 days.
		- < Once we receive it, we will refund you within 5 days.
		- < We should be able to deliver it tomorrow.
		- < You may get it tomorrow.
		- < It will probably arrive on Friday.
		- < Will you receive it on Friday?
		- < We won't ship it before Monday.
		- < It was delivered on Monday.
		- < You will check in on March 7th.
		- < We will be closed until Monday.
		- < Let me check that for you.
		- < You can call us tomorrow.
	EOF
}

@test "a promise of ours in Portuguese and Spanish becomes a record" {
	promises pt <<-'EOF'
		delivery 2026-03-06 < Você vai receber o pedido até sexta-feira.
		refund 2026-03-11 < Vamos estornar o valor em até 5 dias úteis.
		refund 2026-03-05 < O reembolso será feito amanhã.
		answer 2026-03-05T10:00:00.000Z < Entraremos em contato amanhã às 10h
		answer open < Assim está certo, entraremos em contato.
		refund 2026-03-11 < Devolveremos o dinheiro num prazo de 5 dias úteis.
		refund 2026-03-09 < Devolveremos o dinheiro em no máximo 5 dias.
		refund 2026-03-31 < Receberá o estorno até o fim do mês.
		callback 2026-03-05T10:00:00.000Z < Te ligo amanhã às 10h.
		- < Se você enviar hoje, vamos estornar em 3 dias.
		- < O pedido deve chegar amanhã.
		- < O pedido chegou ontem.
		- < Não vamos enviar amanhã.
	EOF
	promises es <<-'EOF'
		delivery 2026-03-06 < Lo recibirá el viernes.
		refund 2026-03-09 < Le devolveremos el dinero en cinco días.
		callback 2026-03-05T10:00:00.000Z < Sí, le llamaremos mañana a las 10.
		replacement 2026-03-04 < Vamos a enviar el reemplazo hoy.
		refund 2026-03-11 < Le devolveremos el dinero en un plazo máximo de 5 días hábiles.
		refund 2026-03-09 < El reembolso se procesará en 5 días.
		delivery 2026-03-05 < Lo recibirá antes del viernes.
		delivery 2026-03-08 < Lo recibirá antes de la próxima semana.
		delivery 2026-03-15 < Lo recibirá a finales de la próxima semana.
		callback 2026-03-05T10:00:00.000Z < Te llamo mañana a las 10.
		- < En fin, le enviaremos el paquete.
		- < Si desea, vamos a llamarle mañana.
		- < Puede llegar mañana.
		- < Llegó ayer.
	EOF
}

@test "a promise is made once, and stands right behind its message" {
	echo 'We will refund you within five days.' | said agent en - >in
	echo 'Thank you!' | said customer en - >>in
	run -0 --separate-stderr jintent in
	[ "$(jq -r .type <<<"$output" | tr '\n' ' ')" = "message commitment.made message " ]
	[ "$stderr" = "jintent: read 2 = written 2 + duplicates 0 + rejected 0 (promises added: 1)" ]
	sed -n 2p <<<"$output" | jq -e '.id[0:8] == "promise-" and .direction == "internal" and .session == "s1"
		and .data.event == "1" and .data.text == "We will refund you within five days." and .data.action == "refund"'
	printf '%s\n' "$output" >once
	jintent -q once | cmp - once
	jintent -q --relabel once | cmp - once
}

@test "the log takes a promise once, and its projection says when it falls due" {
	echo 'We will refund you within five days.' | said agent en - >in
	jintent -q in | jlog append -q -d j.db
	jintent -q in | jlog append -q -d j.db
	jproject update -q -d j.db
	[ "$(sqlite3 j.db "SELECT action, datetime(due / 1000, 'unixepoch') FROM v_commitment")" = "refund|2026-03-09 23:59:59" ]
}

@test "a promise goes out before the filter waits for more" {
	mkfifo in out
	jintent -q <in >out 3>&- &
	exec 7>in 8<out
	echo 'We will refund you within five days.' | said agent en - >&7
	read -r -t 10 line <&8
	read -r -t 10 line <&8
	[ "$(jq -r .type <<<"$line")" = commitment.made ]
	exec 7>&- 8<&-
	wait $!
}

# talk: reads "second who text" lines of one session
talk() {
	jq -cR 'capture("^(?<at>\\d+) (?<who>\\w+) (?<text>.*)$") | (.at | tonumber) as $at | {specversion: "1.0", id: "\($at)-\(.who)", source: "chat/t",
		type: "message", time: (1772618400 + $at | todate), session: "s", channel: "chat",
		direction: (if .who == "customer" then "in" else "out" end), actor: .who, data: {text}}'
}

@test "a short reply carries on what the conversation is about, and says so" {
	talk >in <<-'EOF'
		0 customer My order has not arrived
		1 agent The red one or the blue one?
		2 customer the blue one
		3 customer ok do that
		9000 customer yes
	EOF
	jintent -q in | jq -c 'select(.actor == "customer") | .data | [.intent, .confidence, .inherited]' >out
	diff out - <<-'EOF'
		["delivery.late",1,null]
		["delivery.late",0.8,true]
		["delivery.late",0.64,true]
		[null,null,null]
	EOF
	jintent -q in >once
	jintent -q once | cmp - once
	jintent -q --relabel once | cmp - once
}

@test "a reply to a request of ours may take days, whether or not it is put as a question" {
	talk >in <<-'EOF'
		0 customer My order has not arrived
		1 agent Please send us your order number.
		90000 customer here it is
		90001 agent Thank you.
		180000 customer yes
	EOF
	jintent -q in >once
	jq -c 'select(.actor == "customer") | .data | [.intent, .inherited]' once >out
	diff out - <<-'EOF'
		["delivery.late",null]
		["delivery.late",true]
		[null,null]
	EOF
	jintent -q once | cmp - once
	jintent -q --relabel once | cmp - once
}

@test "an intent that was split among several is not carried on" {
	mkdir onto
	cat >onto/ontology.yaml <<-'EOF'
		jtools: ontology/1
		name: split
		version: 1.1.0
		classes: {live: {gap: 30m, answer: 1m}}
		channels: {chat: live}
		intents:
		  - {id: money, family: cash, deprecated: 1.1.0, replaced_by: [money.in, money.out]}
		  - {id: money.in, family: cash, phrases: {en: [pay me back]}}
		  - {id: money.out, family: cash, phrases: {en: [charge me]}}
	EOF
	printf '0 customer pay me back\n1 customer yes\n2 customer old words\n3 customer yes\n' | talk |
		jq -c 'if .data.text == "old words" then .data.intent = "money" else . end' >in
	jintent -q --ontology onto in | jq -c '[.data.intent, .data.inherited]' >out
	diff out - <<-'EOF'
		["money.in",null]
		["money.in",true]
		["money",null]
		["money.in",true]
	EOF
}

@test "a reply that carries an intent on is no question of its own" {
	talk <<-'EOF' | jintent -q | jlog append -q -d j.db
		0 customer Where is my order?
		1 agent Shall I look it up by your phone?
		2 customer yes
	EOF
	jproject update -q -d j.db
	[ "$(sqlite3 j.db 'SELECT count(*) FROM v_question')" = 1 ]
}

@test "sentiment is that of the words, their denials and their weight" {
	printf '%s\n' 'this is good' 'this is very good' 'this is not good' 'terrible and bad' 'the box is blue' 'not bad at all' |
		said customer en - | jintent -q | jq -c .data.sentiment | tr '\n' ' ' >out
	[ "$(cat out)" = "0.5 0.75 -0.25 -0.75 null 0.25 " ]
	printf '%s\n' 'muito bom' 'péssimo' | said customer pt - | jintent -q | jq -c .data.sentiment | tr '\n' ' ' >out
	[ "$(cat out)" = "0.75 -1 " ]
	printf '%s\n' 'muy buena' 'no me gusta' | said customer es - | jintent -q | jq -c .data.sentiment | tr '\n' ' ' >out
	[ "$(cat out)" = "0.75 -0.25 " ]
	[ "$(said agent en - <<<'this is good' | jintent -q | jq -c .data.sentiment)" = null ]
}

@test "the language is added where it is certain and not told" {
	printf '%s\n' 'I would like to know where my parcel is' 'gostaria de saber onde está a minha encomenda' \
		'quisiera saber dónde está mi paquete, por favor' 'ok' '12345 67890' | said customer - - | jintent -q |
		jq -r '.data.lang // "-"' | tr '\n' ' ' >out
	[ "$(cat out)" = "en pt es - - " ]
	[ "$(said customer fr - <<<'I would like to know where my parcel is' | jintent -q | jq -r .data.lang)" = fr ]
}

@test "372 messages are read as they were labelled by hand" {
	[ -d "$DATA/sets/abcd" ] && [ -d "$DATA/formats/vcon/fake-vcons" ] || skip "no data sets here"
	python3 "$TOP/test/labels.py" "$TOP/fixtures/jintent/labels.tsv" "$DATA" "$J/jnorm" "$J/jintent" >out
	cat out
	run ! grep -q '^not there' out
	# hits / said and hits / true, the floors just below what was measured
	awk '/ asks / {split($4, p, "/"); split($6, r, "/"); if (p[1] < 0.95 * p[2] || r[1] < 0.85 * r[2]) exit 1}
		/ promises / {split($4, p, "/"); split($6, r, "/"); if (p[1] < 0.98 * p[2] || r[1] < 0.92 * r[2]) exit 1}' out
}

# asks LANG: reads lines "entity < text" of ours and looks whether that is what the text asks for; "-" is nothing
asks() {
	local lines
	lines=$(cat)
	sed 's/^.* < //' <<<"$lines" | said agent "$1" - | jintent -q >out
	diff <(sed 's/ < .*//' <<<"$lines") <(jq -r 'select(.type == "message") | .data.asks // ["-"] | join(",")' out)
}

@test "what a message of ours only names is not asked for" {
	asks es <<-'EOF'
		- < Hemos enviado la factura a su correo electrónico
		- < Le mandamos un SMS a su teléfono con el código
		- < Su número de pedido es el 445566
		- < El paquete va a su dirección de envío
		- < Hemos recibido su DNI, gracias
		- < El importe se devuelve a su tarjeta y a su cuenta bancaria
		- < Nunca le pediremos su número de tarjeta
		- < Hemos registrado su nombre y su fecha de nacimiento
		- < Adjuntamos su número de seguimiento
		order < ¿Me puede indicar su número de pedido, por favor?
		order < ¿Tiene a mano el número de pedido?
		email < ¿Me confirma su correo electrónico?
		email < Dime tu email y lo miro
		phone < ¿Me da un teléfono de contacto?
		document < Por favor, facilite su DNI
		name < ¿Me dice su nombre completo?
		birth_date < ¿Cuál es su fecha de nacimiento?
		postal_code < ¿Me indica el código postal?
		address < Confírmeme su dirección, por favor
		card < ¿Cuáles son los últimos cuatro dígitos de su tarjeta?
		iban < Necesitamos su IBAN para el reembolso
		customer < ¿Cuál es su número de cliente?
		tracking < ¿Me pasa el número de seguimiento?
	EOF
	asks pt <<-'EOF'
		- < O seu IBAN foi validado
		- < Nunca pedimos o número do seu cartão
		- < Enviamos a fatura para o e-mail cadastrado
		- < Já atualizei o seu telefone de contato
		email < Qual o e-mail cadastrado?
		iban < Pode me passar o IBAN?
		card < Quais são os últimos quatro dígitos do cartão?
	EOF
	asks en <<-'EOF'
		- < We never ask for your card number
		- < Your bank account number was verified
		- < We sent it to the email on file
		card < Could you confirm the last four digits of your card?
		iban < Could you share your bank details?
		phone < Could I get your mobile number?
	EOF
}

@test "numbers are found behind their names in Spanish, and whatever is written for number" {
	finds es ES <<-'EOF'
		order 445566 < mi pedido es el 445566
		order 778899 < número de orden: 778899
		order 12345 < pedido n.º 12345
		order - < el pedido es del 2024
		order - < pedido el 2026-03-01
		phone +34612345678 < mi teléfono es el 612 345 678
		phone +34612345678 < móvil: 612345678
		tracking ABC12345678 < número de seguimiento ABC12345678
		document 12345678 < mi DNI es 12345678Z
		document 12345678 < DNI: 12.345.678-Z
		customer 87654321 < mi número de cuenta es 87654321
		invoice 2024/0012 < factura n.º 2024/0012
		birth_date 1990-05-12 < nací el 12/05/1990
		postal_code 28013 < CP 28013
	EOF
	finds pt PT <<-'EOF'
		order 12345 < encomenda n.º 12345
		order 445566 < o meu pedido é o 445566
	EOF
	finds en GB <<-'EOF'
		order 4711-2231 < my order number is 4711-2231
		postal_code SW1A 1AA < my postcode is sw1a1aa
		birth_date 1990-05-12 < born on 12/05/1990
	EOF
}
