extern "C" {
#include "io/phone.h"
}

#include <phonenumbers/phonenumberutil.h>
#include <cstring>
#include <set>
#include <string>
#include <unordered_map>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/*
 * Numbers that begin alike and are equally long. Reading a number looks at how it begins (country,
 * trunk prefix, area) and at its length, and takes longer than all else of a record: where one was
 * taken as it stands, with its country in front of it or without a trunk's 0, the next is.
 * Argentina has a mark within numbers and China carriers before them: they are no such case.
 */
namespace
{
constexpr size_t BEGINNING = 7, SHORTEST = 9, LONGEST = 15, BEGINNINGS = 1 << 16;

/* What stands for the beginning, by region, beginning and length. */
thread_local std::unordered_map<std::string, std::string> readings;

/* The digits of a number that is written with digits and what separates them alone; else none. */
std::string digits_of(str s, bool *plus)
{
	std::string digits;

	*plus = s.s[0] == '+';
	for (size_t i = *plus; i < s.len; i++) {
		if (s.s[i] >= '0' && s.s[i] <= '9')
			digits += s.s[i];
		else if (!std::strchr(" ()-.", s.s[i]) || !s.s[i])
			return "";
	}
	return digits.size() < SHORTEST || digits.size() > LONGEST ? "" : digits;
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
bool plain(const std::string &digits, bool plus, const std::string &text)
{
	size_t from = !plus && digits[0] == '0', country = text.size() - (digits.size() - from);

	if (text.compare(0, 3, "+54") == 0 || text.compare(0, 3, "+86") == 0 ||
		digits[from] == '0' || text.size() < digits.size() - from)
		return false;
	return (plus ? country == 1 : country > 1 && country < 5) &&
	       text.compare(country, std::string::npos, digits, from) == 0;
}

void learn(const std::string &key, const std::string &digits, bool plus, const std::string &text)
{
	if (!plain(digits, plus, text))
		return;
	if (readings.size() >= BEGINNINGS)
		readings.clear();
	readings[key] = text.substr(0, text.size() - (digits.size() - BEGINNING));
}
} // namespace

bool phone_e164(buf *out, str s, const char *region)
{
	if (s.len < 3 || s.len > 64)
		return false;
	try {
		bool plus, is;
		std::string digits = digits_of(s, &plus), key, text;

		region = region ? region : "ZZ";
		if (!digits.empty()) {
			key = std::string(region) + (plus ? "+" : " ") +
			      digits.substr(0, BEGINNING) + std::to_string(digits.size());
			auto known = readings.find(key);

			if (known != readings.end()) {
				text = known->second + digits.substr(BEGINNING);
				buf_add(out, text.data(), text.size());
				return true;
			}
		}
		is = read_number(s, region, &text);
		if (is && !digits.empty())
			learn(key, digits, plus, text);
		if (is)
			buf_add(out, text.data(), text.size());
		return is;
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
	readings.clear();
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
