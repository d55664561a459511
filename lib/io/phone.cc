extern "C" {
#include "io/phone.h"
}

#include <phonenumbers/phonenumberutil.h>
#include <set>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

bool phone_e164(buf *out, str s, const char *region)
{
	if (s.len < 3 || s.len > 64)
		return false;
	try {
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		std::string text;
		auto e = util->Parse(std::string(s.s, s.len), region ? region : "ZZ", &number);
		/* A number that lacks its area code is possible within it alone, and no E.164. */
		if (e != PhoneNumberUtil::NO_PARSING_ERROR ||
			util->IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE)
			return false;
		util->Format(number, PhoneNumberUtil::E164, &text);
		buf_add(out, text.data(), text.size());
		return true;
	} catch (const std::exception &) {
		return false;
	}
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
