// SPDX-License-Identifier: Apache-2.0
// The C++ side: compiling and matching. All else about patterns is in regex.c.
extern "C" {
#include "go/regexp.h"
}

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <strings.h>
#include <unordered_map>

struct regexp {
    std::shared_ptr<const RE2> re;
};

namespace {

constexpr size_t cache_entries = 256;
constexpr size_t cache_pattern = 4096; // longer patterns are compiled each time
constexpr int64_t program_memory = 64 << 20;

// Least recently used last.
class Cache {
  public:
    std::shared_ptr<const RE2> get(const std::string &pattern) {
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = index_.find(pattern);
        if (found == index_.end())
            return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return found->second->second;
    }

    void put(const std::string &pattern, const std::shared_ptr<const RE2> &re) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (index_.count(pattern))
            return;
        order_.emplace_front(pattern, re);
        index_[pattern] = order_.begin();
        if (order_.size() <= cache_entries)
            return;
        index_.erase(order_.back().first);
        order_.pop_back();
    }

  private:
    std::mutex mutex_;
    std::list<std::pair<std::string, std::shared_ptr<const RE2>>> order_;
    std::unordered_map<std::string, decltype(order_)::iterator> index_;
};

Cache &cache() {
    static Cache *const shared = new Cache; // never destroyed: threads may still match at exit
    return *shared;
}

// Unicode's long names of categories, which Go 1.25 and newer know, without case and separators.
// (Not here: LC, Cn, Assigned and ASCII, which this RE2 has no class for; scripts need their exact case.)
const struct {
    const char *name, *category;
} categories[] = {
    {"closepunctuation", "Pe"},
    {"combiningmark", "M"},
    {"connectorpunctuation", "Pc"},
    {"control", "Cc"},
    {"currencysymbol", "Sc"},
    {"dashpunctuation", "Pd"},
    {"decimalnumber", "Nd"},
    {"enclosingmark", "Me"},
    {"finalpunctuation", "Pf"},
    {"format", "Cf"},
    {"initialpunctuation", "Pi"},
    {"letter", "L"},
    {"letternumber", "Nl"},
    {"lineseparator", "Zl"},
    {"lowercaseletter", "Ll"},
    {"mark", "M"},
    {"mathsymbol", "Sm"},
    {"modifierletter", "Lm"},
    {"modifiersymbol", "Sk"},
    {"nonspacingmark", "Mn"},
    {"number", "N"},
    {"openpunctuation", "Ps"},
    {"other", "C"},
    {"otherletter", "Lo"},
    {"othernumber", "No"},
    {"otherpunctuation", "Po"},
    {"othersymbol", "So"},
    {"paragraphseparator", "Zp"},
    {"privateuse", "Co"},
    {"punctuation", "P"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"spacingmark", "Mc"},
    {"surrogate", "Cs"},
    {"symbol", "S"},
    {"titlecaseletter", "Lt"},
    {"uppercaseletter", "Lu"},
    {"cntrl", "Cc"},
    {"digit", "Nd"},
    {"punct", "P"},
    {"any", "Any"},
};

// The category that `\p{name}` means by a name RE2 does not know; NULL for any other name.
const char *category_of(const std::string &name) {
    std::string folded;
    for (char c : name) {
        if (c != '_' && c != '-' && c != ' ')
            folded += static_cast<char>(tolower(static_cast<unsigned char>(c)));
    }
    for (const auto &row : categories) {
        if (folded == row.name || !strcasecmp(folded.c_str(), row.category))
            return row.category;
    }
    return nullptr;
}

// Replaces a long category name at `at`, which is on the brace of `\p{…}`; the bytes it took, 0 when it is
// none.
size_t add_category(const char *at, size_t len, std::string *out) {
    const void *end = memchr(at, '}', len);
    if (*at != '{' || !end)
        return 0;
    std::string name(at + 1, static_cast<const char *>(end));
    bool negated = !name.empty() && name[0] == '^';
    const char *category = category_of(name.substr(negated));
    if (!category)
        return 0;
    *out += std::string(negated ? "{^" : "{") + category + "}";
    return name.size() + 2;
}

// What Go's parser takes differently from this RE2: a group may be named (?<name>…) as well as
// (?P<name>…), categories have long names, and \C (any byte) does not exist. False for the latter.
bool in_re2_words(const char *pattern, size_t len, std::string *out) {
    bool in_class = false, quoted = false;
    for (size_t i = 0; i < len; i++) {
        char next = i + 1 < len ? pattern[i + 1] : 0;
        *out += pattern[i];
        if (pattern[i] == '\\' && next) {
            if (next == 'C' && !quoted)
                return false;
            quoted = next == 'Q' || (quoted && next != 'E');
            *out += pattern[++i];
            if (!quoted && (next == 'p' || next == 'P') && i + 1 < len)
                i += add_category(pattern + i + 1, len - i - 1, out);
        } else if (quoted) {
            continue;
        } else if (pattern[i] == '[' || pattern[i] == ']') {
            in_class = pattern[i] == '[';
        } else if (!in_class && len - i > 2 && !memcmp(pattern + i, "(?<", 3)) {
            *out += "?P";
            i++;
        }
    }
    return true;
}

const char *go_words(RE2::ErrorCode code) {
    switch (code) {
    case RE2::ErrorBadEscape: return "invalid escape sequence";
    case RE2::ErrorBadCharClass: return "invalid character class";
    case RE2::ErrorBadCharRange: return "invalid character class range";
    case RE2::ErrorMissingBracket: return "missing closing ]";
    case RE2::ErrorMissingParen: return "missing closing )";
    case RE2::ErrorUnexpectedParen: return "unexpected )";
    case RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize: return "invalid repeat count";
    case RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8: return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture: return "invalid named capture";
    case RE2::ErrorPatternTooLarge: return "expression too large";
    default: return "regexp/syntax: internal error";
    }
}

// What Go says of a pattern.
struct complaint {
    const char *words;
    std::string part;
};

// A count that is too big or backwards at the end of the part. Go checks counts before it
// complains of an operator upon an operator.
std::string bad_count(const std::string &part) {
    size_t open = part.rfind('{');
    int min, max;
    if (open == std::string::npos)
        return "";
    std::string count = part.substr(open, part.find('}', open) + 1 - open);
    int numbers = sscanf(count.c_str(), "{%d,%d}", &min, &max);
    bool bad = (numbers >= 1 && min > 1000) || (numbers == 2 && (max > 1000 || min > max));
    return bad ? count : "";
}

// All of the pattern is shown where a parenthesis is missing, else what RE2 stopped at, in the
// user's spelling.
complaint complaint_of(const RE2 &re, const std::string &pattern) {
    const char *words = go_words(re.error_code());
    std::string part = re.error_arg();
    switch (re.error_code()) {
    case RE2::ErrorTrailingBackslash: return {words, ""};
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen: return {words, pattern};
    case RE2::ErrorRepeatSize:
    case RE2::ErrorRepeatOp: {
        const std::string count = bad_count(part);
        return count.empty() ? complaint{words, part} : complaint{go_words(RE2::ErrorRepeatSize), count};
    }
    default: break;
    }
    if (part.rfind("(?P<", 0) == 0 && pattern.find(part) == std::string::npos)
        part.erase(2, 1);
    return {words, part};
}

std::shared_ptr<const RE2> compile(const std::string &pattern, struct err *err) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(program_memory);
    std::string words;
    if (!in_re2_words(pattern.data(), pattern.size(), &words)) {
        err_set(err, ERR_INVALID, "error parsing regexp: invalid escape sequence: `\\C`");
        return nullptr;
    }
    auto re = std::make_shared<const RE2>(words, options);
    if (re->ok())
        return re;
    const complaint c = complaint_of(*re, pattern);
    err_set(err, ERR_INVALID, "error parsing regexp: %s: `%s`", c.words, c.part.c_str());
    return nullptr;
}

} // namespace

struct regexp *regexp_open(const char *pattern, size_t len, struct err *err) {
    const std::string key(pattern, len);
    auto re = cache().get(key);
    if (!re) {
        re = compile(key, err);
        if (!re)
            return nullptr;
        if (len <= cache_pattern)
            cache().put(key, re);
    }
    return new regexp{re};
}

void regexp_cleanup(struct regexp **regex) {
    delete *regex;
}

size_t regexp_group_count(const struct regexp *regex) {
    return static_cast<size_t>(regex->re->NumberOfCapturingGroups()) + 1;
}

int regexp_group_number(const struct regexp *regex, const char *name, size_t len) {
    const auto &names = regex->re->NamedCapturingGroups();
    auto found = names.find(std::string(name, len));
    return found == names.end() ? -1 : found->second;
}

bool regexp_find(const struct regexp *regex, struct cursor text, size_t from, struct regexp_span *groups,
                 size_t count) {
    std::array<re2::StringPiece, REGEXP_MAX_GROUPS> found;
    const re2::StringPiece whole(text.at, cursor_left(text));
    size_t wanted = std::min({count, regexp_group_count(regex), size_t{REGEXP_MAX_GROUPS}});
    if (!regex->re->Match(whole, from, whole.size(), RE2::UNANCHORED, found.data(), static_cast<int>(wanted)))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (i < wanted && found[i].data())
            groups[i] = {found[i].data() - whole.data(),
                         found[i].data() - whole.data() + ptrdiff_t(found[i].size())};
        else
            groups[i] = {-1, -1};
    }
    return true;
}
