#!/usr/bin/env bats
# The shipped company's figures against test/demo.expected.md, where each is derived by hand, customer by customer.

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	local top
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	PATH=${JTOOLS_BIN:-$top/build/bin}:$PATH
	export PATH
	unset JTOOLS_DB
	(cd "$top" && jnorm -q fixtures/demo/*) >events.ndjson 2>notices
	jintent -q events.ndjson | jlog append -q -d demo.db
	jmetrics -d demo.db -o csv >metrics.csv
}

# figure METRIC STATISTIC CLASS: "numerator/n value"
figure() {
	awk -F, -v m="$1" -v s="$2" -v c="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["metric"] == m && $at["statistic"] == s && $at["class"] == c {
			print $at["numerator"] "/" $at["n"] " " $at["value"]
		}' "$BATS_FILE_TMPDIR/metrics.csv"
}

is() {
	local got
	got=$(figure "$1" "$2" "$3")
	[ "$got" = "$4" ] || {
		echo "$1 $2 $3: expected $4, got $got"
		return 1
	}
}

@test "the four kinds of export give 285 events and one of each stays one" {
	[ "$(wc -l <"$BATS_FILE_TMPDIR/events.ndjson")" -eq 285 ]
	[ "$(grep -c '"type":"call"' "$BATS_FILE_TMPDIR/events.ndjson")" -eq 21 ]
	[ "$(grep -c '"source":"whatsapp/lume"' "$BATS_FILE_TMPDIR/events.ndjson")" -eq 98 ]
	[ "$(grep -c '"channel":"email"' "$BATS_FILE_TMPDIR/events.ndjson")" -eq 40 ]
	! grep -q time_assumed "$BATS_FILE_TMPDIR/events.ndjson"
}

@test "counts are those derived by hand" {
	is contacts count "" /81\ 81
	is contacts.offered count "" /77\ 77
	is contacts.handled count "" /74\ 74
	is customers count "" /33\ 33
	is issues count "" /53\ 53
}

@test "repeat contact rates are those derived by hand" {
	is repeat_contact_rate rate "" "20/66 0.30303"
	is repeat_contact_rate.same_channel rate "" "7/66 0.106061"
	is repeat_contact_rate.other_channel rate "" "13/66 0.19697"
	is repeat_contact_rate.any_intent rate "" "25/66 0.378788"
	is repeat_contact_rate.overlapping rate "" "1/66 0.015152"
}

@test "resolution and reopening are those derived by hand" {
	is first_contact_resolution.explicit rate "" "6/39 0.153846"
	is first_contact_resolution.presumed rate "" "22/39 0.564103"
	is reopen_rate rate "" "3/15 0.2"
	is reopen_rate.case_reopened rate "" "1/15 0.066667"
	is cross_channel_reopen_rate rate "" "2/15 0.133333"
}

@test "escalations, transfers and channel switches are those derived by hand" {
	is escalation_rate rate "" "3/74 0.040541"
	is transfer_rate rate "" "3/74 0.040541"
	is channel_switch_rate rate "" "12/22 0.545455"
	is channel_switch_success.explicit rate "" "4/12 0.333333"
	is channel_switch_success.presumed rate "" "6/12 0.5"
}

@test "first response times are those derived by hand, by class and never pooled" {
	for kind in any human useful; do
		is first_response_time.$kind median live /14\ 27.5
		is first_response_time.$kind p90 live /14\ 58.5
		is first_response_time.$kind mean live "/14 3841.929"
		is first_response_time.$kind unanswered live "3/17 0.176471"
	done
	is first_response_time.any median asynchronous /58\ 1950
	is first_response_time.any p90 asynchronous /58\ 20700
	is first_response_time.any mean asynchronous /58\ 9363.138
	is first_response_time.any unanswered asynchronous "2/60 0.033333"
	is first_response_time.human median asynchronous /56\ 2340
	is first_response_time.human p90 asynchronous /56\ 21300
	is first_response_time.human mean asynchronous /56\ 9839.5
	is first_response_time.human unanswered asynchronous "4/60 0.066667"
	is first_response_time.useful median asynchronous /58\ 2190
	is first_response_time.useful p90 asynchronous /58\ 20700
	is first_response_time.useful mean asynchronous /58\ 9707.103
	is first_response_time.useful unanswered asynchronous "2/60 0.033333"
	[ -z "$(figure first_response_time.any median "")" ]
}

@test "each failed switch fails for the cause derived by hand" {
	run sqlite3 -separator ' ' "$BATS_FILE_TMPDIR/demo.db" "
		SELECT sum(NOT joined OR asked_who), sum(asked_known), count(*) FROM v_switch
		WHERE known AND ended + 7*86400000 <= (SELECT value FROM meta WHERE key='horizon')"
	# a: S3 S6 S7; b: S4 S11; of the twelve that are mature
	[ "$output" = "3 2 12" ]
}

@test "the same exports again append nothing and the log's bytes stay the same" {
	cd "$BATS_FILE_TMPDIR"
	jlog cat -q -d demo.db >before
	jintent -q events.ndjson | jlog append -d demo.db 2>summary >passed
	[ ! -s passed ]
	# 285 events, and the seven promises that their texts make
	grep -q 'read 292 = written 0 + duplicates 292 + rejected 0' summary
	jlog cat -q -d demo.db | cmp - before
}

@test "every inbound event has one decision and a decision can be logged" {
	cd "$BATS_FILE_TMPDIR"
	cp demo.db routed.db
	jlog cat -q -d routed.db | jroute -q -d routed.db -r "$TOP/fixtures/demo/routes.yaml" >decisions
	[ "$(wc -l <decisions)" -eq "$(jlog cat -q -d routed.db | grep -c '"direction":"in"')" ]
	for rule in repeat-delivery moved-over may-leave default; do
		grep -q "\"rule\":\"$rule\"" decisions
	done
	jlog append -q -d routed.db decisions
	[ "$(jlog cat -q -d routed.db | wc -l)" -eq $((292 + $(wc -l <decisions))) ]
	# Decisions belong to the customers of their events and make no contacts.
	jmetrics -q -d routed.db -o csv contacts customers issues | cut -d, -f1-7 >after
	jmetrics -q -d demo.db -o csv contacts customers issues | cut -d, -f1-7 | diff - after
}
