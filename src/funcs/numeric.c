// SPDX-License-Identifier: Apache-2.0
// sprig's numbers: integers wrap around as Go's int64, the f functions calculate in decimals.
#include "funcs/cast.h"
#include "funcs/decimal.h"
#include "funcs/private.h"
#include "go/strconv.h"

#include <math.h>
#include <string.h>

static bool give_int64(struct rv *out, int64_t i) {
    *out = rv_integer(RT_INT64, i);
    return true;
}

static bool give_float(struct rv *out, double f) {
    *out = rv_float(f);
    return true;
}

static bool atoi_text(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_int(cast_decimal(args[0].u.text, args[0].len));
    return true;
}

static bool to_int(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_int(cast_int64(args[0]));
    return true;
}

static bool to_int64(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_int64(out, cast_int64(args[0]));
}

static bool to_float64(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_float(out, cast_float64(args[0]));
}

// Unix octal, as file modes are written.
static bool to_decimal(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    int64_t n;
    buf_init(&text, rt->heap->arena);
    if (!fmt_sprint(&text, args, 1))
        return rt_fail_cut(rt);
    return give_int64(out, strconv_parse_int(buf_text(&text), text.len, 8, &n) ? n : 0);
}

static bool add1(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_int64(out, (int64_t)((uint64_t)cast_int64(args[0]) + 1));
}

static bool add(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)cast_int64(args[i]);
    return give_int64(out, (int64_t)sum);
}

static bool sub(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_int64(out, (int64_t)((uint64_t)cast_int64(args[0]) - (uint64_t)cast_int64(args[1])));
}

static bool mul(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    uint64_t product = 1;
    for (size_t i = 0; i < count; i++)
        product *= (uint64_t)cast_int64(args[i]);
    return give_int64(out, (int64_t)product);
}

// Quotient and remainder toward zero; only the smallest number by -1 needs care in C.
static bool divide(struct rt *rt, const struct rv *args, bool remainder, struct rv *out) {
    int64_t a = cast_int64(args[0]), b = cast_int64(args[1]);
    if (b == 0)
        return rt_fail(rt, "runtime error: integer divide by zero");
    if (b == -1)
        return give_int64(out, remainder ? 0 : (int64_t)(0 - (uint64_t)a));
    return give_int64(out, remainder ? a % b : a / b);
}

static bool div_int(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return divide(rt, args, false, out);
}

static bool mod(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return divide(rt, args, true, out);
}

static bool max_int(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t most = cast_int64(args[0]);
    for (size_t i = 1; i < count; i++)
        most = cast_int64(args[i]) > most ? cast_int64(args[i]) : most;
    return give_int64(out, most);
}

static bool min_int(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t least = cast_int64(args[0]);
    for (size_t i = 1; i < count; i++)
        least = cast_int64(args[i]) < least ? cast_int64(args[i]) : least;
    return give_int64(out, least);
}

// Go's math.Max: an infinity wins over NaN, NaN over the rest, 0 over -0.
static double greater(double a, double b) {
    if (isinf(a) && a > 0)
        return a;
    if (isinf(b) && b > 0)
        return b;
    if (isnan(a) || isnan(b))
        return NAN;
    return a == b ? (signbit(a) ? b : a) : a > b ? a : b;
}

static bool max_float(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    double most = cast_float64(args[0]);
    for (size_t i = 1; i < count; i++)
        most = greater(most, cast_float64(args[i]));
    return give_float(out, most);
}

static bool min_float(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    double least = cast_float64(args[0]);
    for (size_t i = 1; i < count; i++)
        least = -greater(-least, -cast_float64(args[i]));
    return give_float(out, least);
}

static bool floor_float(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_float(out, floor(cast_float64(args[0])));
}

static bool ceil_float(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_float(out, ceil(cast_float64(args[0])));
}

// Go's math.Pow of 10, which is not always the nearest double beyond 10^22.
static double power_of_ten(int64_t n) {
    double a = 1, x = 0.625;
    int64_t ae = 0, xe = 4;
    for (uint64_t i = n < 0 ? 0 - (uint64_t)n : (uint64_t)n; i; i >>= 1) {
        if (xe > 1 << 12 || xe < -(1 << 12)) {
            ae += xe;
            break;
        }
        if (i & 1) {
            a *= x;
            ae += xe;
        }
        x *= x;
        xe *= 2;
        if (x < 0.5) {
            x += x;
            xe--;
        }
    }
    return n < 0 ? ldexp(1 / a, (int)-ae) : ldexp(a, (int)ae);
}

static bool round_float(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    double on = count > 2 ? args[2].u.real : 0.5, power = power_of_ten(args[1].u.integer), whole;
    double shifted = power * cast_float64(args[0]);
    double part = isinf(shifted) ? NAN : modf(shifted, &whole);
    return give_float(out, (part >= on ? ceil(shifted) : floor(shifted)) / power);
}

typedef bool decimal_op(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out);

static bool to_exact(struct rt *rt, struct rv v, struct decimal *out) {
    double f = cast_float64(v);
    if (!isfinite(f))
        return rt_fail(rt, "Cannot create a Decimal from %s", isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf");
    *out = decimal_from_double(rt->heap->arena, f);
    return true;
}

// An operation over numbers one after another, and the one before them.
struct fold {
    decimal_op *op;
    struct rv first;
};

static bool calculate(struct rt *rt, struct fold fold, const struct rv *others, size_t count,
                      struct rv *out) {
    struct arena *arena = rt->heap->arena;
    struct decimal total, next;
    if (!to_exact(rt, fold.first, &total))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!to_exact(rt, others[i], &next) || !rt_spend(rt, (uint64_t)total.len * total.len / 16 + 1))
            return false;
        if (fold.op == decimal_div && !next.len)
            return rt_fail(rt, "decimal division by 0");
        if (!fold.op(arena, total, next, &total))
            return rt_fail_limit(rt, "decimal numbers of more than %d digits are not supported",
                                 DECIMAL_MAX_DIGITS);
    }
    return give_float(out, decimal_to_double(arena, total));
}

static bool add1f(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv one = rv_int(1);
    return calculate(rt, (struct fold){decimal_add, args[0]}, &one, 1, out);
}

static bool addf(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return calculate(rt, (struct fold){decimal_add, rv_float(0)}, args, count, out);
}

static bool subf(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return calculate(rt, (struct fold){decimal_sub, args[0]}, args + 1, count - 1, out);
}

static bool mulf(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return calculate(rt, (struct fold){decimal_mul, args[0]}, args + 1, count - 1, out);
}

static bool divf(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return calculate(rt, (struct fold){decimal_div, args[0]}, args + 1, count - 1, out);
}

// The numbers from start to before stop.
struct steps {
    int64_t start, step;
    uint64_t count;
};

static struct steps steps_until(int64_t start, int64_t stop, int64_t step) {
    struct steps s = {start, step, 0};
    if (stop < start && step < 0)
        s.count = ((uint64_t)start - (uint64_t)stop - 1) / (0 - (uint64_t)step) + 1;
    else if (stop > start && step > 0)
        s.count = ((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1;
    return s;
}

static bool give_steps(struct rt *rt, struct steps s, struct rv *out) {
    if (!rt_spend(rt, s.count))
        return false;
    struct rv *items = rv_items(rt->heap, s.count);
    for (uint64_t i = 0; i < s.count; i++)
        items[i] = rv_int((int64_t)((uint64_t)s.start + i * (uint64_t)s.step));
    *out = rv_slice(RT_INTS, items, s.count);
    return true;
}

static bool until(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t stop = args[0].u.integer;
    return give_steps(rt, steps_until(0, stop, stop < 0 ? -1 : 1), out);
}

static bool until_step(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_steps(rt, steps_until(args[0].u.integer, args[1].u.integer, args[2].u.integer), out);
}

// As the shell's seq: END, START END or START STEP END, both ends included.
static bool seq(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal("");
    if (count == 0 || count > 3)
        return true;
    int64_t start = count > 1 ? args[0].u.integer : 1, end = args[count - 1].u.integer;
    int64_t toward = end < start ? -1 : 1, step = count == 3 ? args[1].u.integer : toward;
    if (toward < 0 && step > 0)
        return true;
    struct steps s = steps_until(start, (int64_t)((uint64_t)end + (uint64_t)toward), step);
    if (!rt_spend(rt, s.count))
        return false;
    struct buf text;
    buf_init(&text, rt->heap->arena);
    for (uint64_t i = 0; i < s.count; i++)
        buf_printf(&text, i ? " %lld" : "%lld", (long long)((uint64_t)s.start + i * (uint64_t)s.step));
    *out = rv_buf(&text);
    return true;
}

const struct rt_func funcs_numeric[] = {
    {"add", "v*", add, 0},
    {"add1", "v", add1, 0},
    {"add1f", "v", add1f, 0},
    {"addf", "v*", addf, 0},
    {"atoi", "s", atoi_text, 0},
    {"biggest", "vv*", max_int, 0},
    {"ceil", "v", ceil_float, 0},
    {"div", "vv", div_int, 0},
    {"divf", "vv*", divf, 0},
    {"float64", "v", to_float64, 0},
    {"floor", "v", floor_float, 0},
    {"int", "v", to_int, 0},
    {"int64", "v", to_int64, 0},
    {"max", "vv*", max_int, 0},
    {"maxf", "vv*", max_float, 0},
    {"min", "vv*", min_int, 0},
    {"minf", "vv*", min_float, 0},
    {"mod", "vv", mod, 0},
    {"mul", "vv*", mul, 0},
    {"mulf", "vv*", mulf, 0},
    {"round", "vif*", round_float, 0},
    {"seq", "i*", seq, 0},
    {"sub", "vv", sub, 0},
    {"subf", "vv*", subf, 0},
    {"toDecimal", "v", to_decimal, 0},
    {"until", "i", until, 0},
    {"untilStep", "iii", until_step, 0},
    {NULL, NULL, NULL, 0},
};
