extern "C" {
#include "io/phone.h"
}

#include <phonenumbers/phonenumberutil.h>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/*
 * Numbers that begin alike and are equally long. Reading a number looks at how it begins (country,
 * trunk prefix, area) and at its length, and takes longer than all else of a record: where one was
 * taken as it stands, with its country in front of it or without a trunk's 0, the next is.
 * Argentina has a mark within numbers, China carriers before them and Australia long prefixes of
 * international calls that begin with 1: they are no such case.
 */
namespace
{
constexpr size_t SHORTEST = 9, LONGEST = 15;
/*
 * How many digits are the beginning. No trunk prefix with its carrier is longer than AREA digits,
 * and no prefix of an international call with the digit that makes it one longer than PREFIX. A
 * number that has its country without a plus, or a trunk's 0, may have one behind the other.
 */
constexpr size_t AREA = 4, PREFIX = 6, BOTH = 7;
constexpr size_t READINGS = 1 << 18, NEAR = 4; /* places, and how many a reading may take */

/* What stands before the digits, and how many of them go. */
struct reading {
	uint64_t key;	  /* region, beginning and length; 0: none */
	uint16_t country; /* 0: the number has it itself */
	uint16_t dropped;
};

struct freed {
	void operator()(void *p) const
	{
		std::free(p);
	}
};

thread_local std::unique_ptr<reading[], freed> readings;

/* The digits of a number that is written with digits and what separates them alone. */
struct digits {
	char c[LONGEST + 1];
	size_t n; /* 0: it is written otherwise, or too short or too long */
	bool plus;
};

digits digits_of(str s)
{
	digits d{{}, 0, s.s[0] == '+'};

	for (size_t i = d.plus; i < s.len; i++) {
		bool digit = s.s[i] >= '0' && s.s[i] <= '9';

		if ((digit && d.n == LONGEST) ||
			(!digit && (!std::strchr(" ()-.", s.s[i]) || !s.s[i]))) {
			d.n = 0;
			return d;
		}
		if (digit)
			d.c[d.n++] = s.s[i];
	}
	d.n = d.n < SHORTEST ? 0 : d.n;
	return d;
}

struct countries {
	bool code[1000] = {};	 /* whether it is one of a country */
	char first[26][26] = {}; /* of the code of a region, its first digit; 0: it is none */

	countries()
	{
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		std::set<int> codes;
		std::set<std::string> regions;

		util->GetSupportedCallingCodes(&codes);
		util->GetSupportedRegions(&regions);
		for (int one : codes)
			if (one > 0 && one < 1000)
				code[one] = true;
		for (const std::string &r : regions)
			if (is_region(r.c_str()))
				first[r[0] - 'A'][r[1] - 'A'] =
					std::to_string(util->GetCountryCodeForRegion(r))[0];
	}

	static bool is_region(const char *r)
	{
		return r[0] >= 'A' && r[0] <= 'Z' && r[1] >= 'A' && r[1] <= 'Z' && !r[2];
	}
};

/* 0: it begins with no country, or is of none. */
size_t beginning_of(const digits &d, const char *region)
{
	static const countries known;
	size_t code = 0;
	char first;

	if (!d.plus) {
		first = known.first[region[0] - 'A'][region[1] - 'A'];
		return !first ? 0 : d.c[0] == '0' || d.c[0] == first ? BOTH : PREFIX;
	}
	for (size_t n = 0; n < 3; n++) {
		code = code * 10 + size_t(d.c[n] - '0');
		if (known.code[code])
			return n + 1 + AREA;
	}
	return 0;
}

/* 0: nothing is learned of such a one. */
uint64_t key_of(const digits &d, const char *region)
{
	size_t n = d.n && countries::is_region(region) ? beginning_of(d, region) : 0;
	uint64_t beginning = 1; /* before the digits, which may begin with 0 */

	for (size_t i = 0; i < n; i++)
		beginning = beginning * 10 + uint64_t(d.c[i] - '0');
	return n ? ((uint64_t((unsigned char)region[0]) << 8 | (unsigned char)region[1]) << 5 |
			   uint64_t(d.plus) << 4 |
			   d.n) << 25 |
			       beginning
		 : 0;
}

/* The place of the key, or else one that it may take. */
reading *place_of(uint64_t key)
{
	size_t first = size_t(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
	reading *free = nullptr;

	if (!readings)
		readings.reset(static_cast<reading *>(std::calloc(READINGS, sizeof(reading))));
	if (!readings)
		return nullptr;
	for (size_t i = 0; i < NEAR; i++) {
		reading *r = &readings[(first + i) % READINGS];

		if (r->key == key)
			return r;
		if (!r->key && !free)
			free = r;
	}
	return free ? free : &readings[first % READINGS];
}

bool read_number(str s, const char *region, std::string *text)
{
	const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
	PhoneNumber number;
	auto e = util->Parse(std::string(s.s, s.len), region, &number);

	/* A number that lacks its area code is possible within it alone, and no E.164. */
	if (e != PhoneNumberUtil::NO_PARSING_ERROR ||
		util->IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE)
		return false;
	util->Format(number, PhoneNumberUtil::E164, text);
	return true;
}

/* Whether the number is these digits with a country, and at most a trunk's 0 less. */
bool plain(const digits &d, const std::string &text)
{
	size_t from = !d.plus && d.c[0] == '0', country = text.size() - (d.n - from);

	if (text.compare(0, 3, "+54") == 0 || text.compare(0, 3, "+86") == 0 || d.c[from] == '0' ||
		text.size() < d.n - from)
		return false;
	if (text.compare(0, 3, "+61") == 0 && !d.plus && d.c[0] == '1')
		return false;
	return (d.plus ? country == 1 : country > 1 && country < 5) &&
	       text.compare(country, std::string::npos, d.c + from, d.n - from) == 0;
}

void learn(uint64_t key, const digits &d, const std::string &text)
{
	reading *r = key && plain(d, text) ? place_of(key) : nullptr;

	if (!r)
		return;
	r->key = key;
	r->dropped = !d.plus && d.c[0] == '0';
	r->country =
		d.plus ? 0
		       : uint16_t(std::stoi(text.substr(1, text.size() - (d.n - r->dropped) - 1)));
}

bool put_known(buf *out, uint64_t key, const digits &d)
{
	const reading *r = key ? place_of(key) : nullptr;

	if (!r || r->key != key)
		return false;
	buf_byte(out, '+');
	if (r->country)
		buf_int(out, r->country);
	buf_add(out, d.c + r->dropped, d.n - r->dropped);
	return true;
}
} // namespace

bool phone_e164(buf *out, str s, const char *region)
{
	if (s.len < 3 || s.len > 64)
		return false;
	try {
		const digits d = digits_of(s);
		uint64_t key;
		std::string text;

		region = region ? region : "ZZ";
		key = key_of(d, region);
		if (put_known(out, key, d))
			return true;
		if (!read_number(s, region, &text))
			return false;
		learn(key, d, text);
		buf_add(out, text.data(), text.size());
		return true;
	} catch (const std::exception &) {
		return false;
	}
}

bool phone_valid(buf *out, str s, const char *region)
{
	if (s.len < 3 || s.len > 64)
		return false;
	try {
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		std::string text;

		if (util->Parse(std::string(s.s, s.len), region ? region : "ZZ", &number) !=
				PhoneNumberUtil::NO_PARSING_ERROR ||
			!util->IsValidNumber(number))
			return false;
		util->Format(number, PhoneNumberUtil::E164, &text);
		buf_add(out, text.data(), text.size());
		return true;
	} catch (const std::exception &) {
		return false;
	}
}

void phone_forget(void)
{
	readings.reset();
}

bool phone_region(const char *region)
{
	try {
		std::set<std::string> known;

		PhoneNumberUtil::GetInstance()->GetSupportedRegions(&known);
		return known.count(region) != 0;
	} catch (const std::exception &) {
		return false;
	}
}
