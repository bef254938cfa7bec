"""The parts of an exported C program that are the same for every model."""

TOP = """\
/* A trained neural network, exported by deepnet-tui, as a whole program. C99:

   cc -O2 this_file.c -o predict -lm
   ./predict < rows.csv > predictions.csv

   It reads a table with a header from its standard input, the columns in any order and others ignored, and writes what
   deepnet-tui predict writes. Cells are separated by commas, semicolons or tabs; numbers are plain, such as -1.5e3.
   What can't be used ends in one line on the standard error and the exit code 2. */
#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

"""

READER = """\

#define CSV_LARGEST 1e100

static char *csv_text;       /* the cells of one row, one after the other, each ended by a NUL */
static size_t csv_room;
static size_t *csv_starts;   /* where each cell begins */
static size_t csv_cells, csv_places;
static long csv_row;         /* rows after the header */

/* A name or a cell in quotes, without control characters and not too long. */
static void csv_say(const char *text)
{
    int i;
    fputs("'", stderr);
    for (i = 0; text[i] && i < 60; ++i) fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], stderr);
    fputs(text[i] ? "...' " : "' ", stderr);
}

static void csv_fail(const char *what, const char *column, const char *cell)
{
    fflush(stdout);
    if (csv_row > 0) fprintf(stderr, "row %ld: ", csv_row);
    if (column) fputs("column ", stderr), csv_say(column);
    if (cell) fputs("holds ", stderr), csv_say(cell), fputs("which ", stderr);
    fprintf(stderr, "%s\\n", what);
    exit(2);
}

static void *csv_grown(void *old, size_t size)
{
    void *found = realloc(old, size);
    if (!found) csv_fail("there is not enough memory", NULL, NULL);
    return found;
}

static void csv_put(size_t at, int c)
{
    if (at >= csv_room) csv_text = csv_grown(csv_text, csv_room = 2 * csv_room + 4096);
    csv_text[at] = (char)c;
}

static void csv_begin(size_t at)
{
    if (csv_cells >= csv_places)
        csv_starts = csv_grown(csv_starts, (csv_places = 2 * csv_places + 64) * sizeof *csv_starts);
    csv_starts[csv_cells++] = at;
}

static int csv_blank(int c, int separator) { return (c == ' ' || c == '\\t') && c != separator; }

/* Read one row that is not blank; 0 at the end of the file. */
static int csv_read(int separator)
{
    size_t at = 0;
    int c = getchar(), quoted = 0, fresh = 1, any = 0;
    for (;;) {
        csv_cells = at = 0;
        any = 0;
        while (c == '\\n' || c == '\\r') c = getchar();
        if (c == EOF) return 0;
        csv_begin(0);
        fresh = 1;
        while (c != EOF && (quoted || (c != '\\n' && c != '\\r'))) {
            if (c == 0) csv_fail("there is a NUL byte in the table", NULL, NULL);
            if (quoted) {
                if (c == '"' && (c = getchar()) != '"') { quoted = 0; continue; }
                csv_put(at++, c);
            } else if (fresh && csv_blank(c, separator)) {
                c = getchar();
                continue;
            } else if (fresh && c == '"') {
                quoted = any = 1;
                fresh = 0;
            } else if (c == separator) {
                csv_put(at++, 0);
                csv_begin(at);
                fresh = any = 1;
            } else {
                csv_put(at++, c);
                fresh = 0;
                any = 1;
            }
            c = getchar();
        }
        if (quoted) csv_fail("a quote is never closed", NULL, NULL);
        csv_put(at, 0);
        if (c == '\\r') {
            c = getchar();
            if (c != '\\n' && c != EOF) ungetc(c, stdin);
        }
        if (any) return 1;
        if (c == EOF) return 0;
        c = getchar();
    }
}

/* The cell without blanks at its ends. */
static char *csv_trimmed(char *cell)
{
    char *end;
    while (isspace((unsigned char)*cell)) ++cell;
    for (end = cell + strlen(cell); end > cell && isspace((unsigned char)end[-1]); ) *--end = 0;
    return cell;
}

static int csv_among(const char *word, const char *const *list, int count)
{
    int i;
    for (i = 0; i < count; ++i)
        if (!strcmp(word, list[i])) return 1;
    return 0;
}

static int csv_like(const char *word, const char *other)
{
    for (; *word && tolower((unsigned char)*word) == *other; ++word) ++other;
    return !*word && !*other;
}

static int csv_is_missing(const char *word) { return csv_among(word, csv_missing, CSV_MISSING); }

/* Whether a word is a plain number, which then is in `value`. */
static int csv_is_number(const char *word, double *value)
{
    char *end;
    if (!*word || strspn(word, "0123456789+-.eE") != strlen(word)) return 0;
    *value = strtod(word, &end);
    return !*end;
}

static double csv_number(char *word, const char *column)
{
    const char *plain = word + (*word == '-' || *word == '+');
    char *mark = CSV_DECIMAL == ',' ? strchr(word, ',') : NULL;
    double value;
    if (csv_is_missing(word)) return NAN;
    if (csv_like(plain, "inf") || csv_like(plain, "infinity") || csv_like(plain, "nan")) return NAN;
    if (mark && !strchr(word, '.')) *mark = '.';
    if (!csv_is_number(word, &value)) csv_fail("is not a plain number", column, word);
    if (isinf(value)) return NAN;
    if (fabs(value) > CSV_LARGEST) csv_fail("is not a number up to 1e+100", column, word);
    return value;
}
"""

BOOLEANS = """\

static double csv_boolean(const char *word, const char *no, const char *yes, const char *column)
{
    static const char *const true_words[] = {"true", "yes", "t", "y", "1", "1.0"};
    static const char *const false_words[] = {"false", "no", "f", "n", "0", "0.0"};
    size_t i;
    if (csv_is_missing(word)) return NAN;
    if (!strcmp(word, yes)) return 1.0;
    if (!strcmp(word, no)) return 0.0;
    for (i = 0; i < sizeof true_words / sizeof *true_words; ++i) {
        if (csv_like(word, true_words[i])) return 1.0;
        if (csv_like(word, false_words[i])) return 0.0;
    }
    csv_fail("is neither of the two words of this column", column, word);
    return NAN;
}
"""

DATES = """\

static int csv_digits(const char *word, int count)
{
    for (; count > 0; --count, ++word)
        if (!isdigit((unsigned char)*word)) return 0;
    return 1;
}

/* Days since 1970-01-01; `order` says whether the day (d) or the month (m) comes first where the year comes last. */
static double csv_date(const char *word, char order, const char *column)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, hour = 0, minute = 0, used = 0, more = 0, zone_hours = 0, zone_minutes = 0, leap;
    long days, before;
    double second = 0.0, zone = 0.0;
    const char *rest;
    char mark, mark2, sign;
    if (csv_is_missing(word)) return NAN;
    if (csv_digits(word, 4)) {
        if (sscanf(word, "%4d%c%2d%c%2d%n", &year, &mark, &month, &mark2, &day, &used) != 5)
            csv_fail("is not a date", column, word);
    } else if (order != 'y' && sscanf(word, "%2d%c%2d%c%4d%n", &day, &mark, &month, &mark2, &year, &used) == 5 &&
               csv_digits(word + used - 4, 4)) {
        if (order == 'm') { leap = day; day = month; month = leap; }
    } else
        csv_fail("is not a date", column, word);
    rest = word + used;
    if (*rest == 'T' || *rest == ' ') {
        if (sscanf(++rest, "%2d:%2d%n", &hour, &minute, &more) != 2) csv_fail("is not a date", column, word);
        rest += more;
        if (*rest == ':') {
            char *end;
            second = strtod(rest + 1, &end);
            rest = end;
        }
    }
    while (*rest == ' ') ++rest;
    if (!strcmp(rest, "Z") || !strcmp(rest, "UTC")) rest = "";
    if (*rest == '+' || *rest == '-') {
        if (sscanf(rest, "%c%2d:%2d%n", &sign, &zone_hours, &zone_minutes, &more) != 3 &&
            sscanf(rest, "%c%2d%2d%n", &sign, &zone_hours, &zone_minutes, &more) != 3)
            csv_fail("is not a date", column, word);
        zone = (zone_hours * 60 + zone_minutes) * (sign == '-' ? -1 : 1) / 1440.0;
        rest += more;
    }
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (*rest || mark != mark2 || !strchr("-/.", mark) || year < 1 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (leap && month == 2) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        !(second >= 0.0 && second < 60.0))
        csv_fail("is not a date", column, word);
    before = year - 1L;
    days = before * 365 + before / 4 - before / 100 + before / 400 + day - 719163L;
    for (used = 1; used < month; ++used) days += lengths[used - 1] + (leap && used == 2);
    second = floor(second * 1e6 + 0.5) + (hour * 60.0 + minute) * 60e6;
    return ((double)days * 86400e6 + second) / 86400e6 - zone;
}
"""

WORDS = """\

/* The word as the network knows it: 3.0 may be known as 3. NULL for a missing one. */
static const char *csv_word(const char *word, const char *const *list, int count)
{
    static char plain[40];
    double value;
    int digits;
    if (csv_among(word, list, count)) return word;
    if (csv_among(word, csv_missing_words, CSV_MISSING_WORDS)) return NULL;
    if ((*word == '0' && isdigit((unsigned char)word[1])) || !csv_is_number(word, &value)) return word;
    for (digits = 1; digits <= 17; ++digits) {
        sprintf(plain, "%.*g", digits, value);
        if (strtod(plain, NULL) == value) break;
    }
    if (fabs(value) < 1e15 && value == floor(value)) sprintf(plain, "%.0f", value);
    digits = (int)(csv_among(plain, list, count) ? 1 : 0);
    if (!digits) return word;
    for (digits = 0; strcmp(plain, list[digits]); ++digits) ;
    return list[digits];
}
"""

MAIN = """\

/* A number in the fewest digits that give it back. */
static void csv_write(double value, const char *after)
{
    char text[40];
    int digits;
    if (!isfinite(value)) csv_fail("its values are too large for the model to predict it", NULL, NULL);
    for (digits = 15; digits <= 17; ++digits) {
        sprintf(text, "%%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    printf("%%s%%s", text, after);
}

/* Find the columns of the header; -1 if all are there, else the number of the first that is missing. */
static int csv_find(size_t *places)
{
    int wanted;
    size_t i;
    for (wanted = 0; wanted < CSV_COLUMNS; ++wanted) {
        for (i = 0; i < csv_cells; ++i)
            if (!strcmp(csv_trimmed(csv_text + csv_starts[i]), csv_columns[wanted])) break;
        if (i == csv_cells) return wanted;
        places[wanted] = i;
    }
    return -1;
}

/* Cut the header, a line as it is written, into cells. */
static void csv_cut(const char *line, int separator)
{
    size_t at = 0;
    int quoted = 0, fresh = 1;
    csv_cells = 0;
    csv_begin(0);
    for (; *line; ++line) {
        if (*line == '"' && (quoted || fresh)) {
            if (quoted && line[1] == '"') csv_put(at++, *line++);
            else { quoted = !quoted; fresh = 0; }
        } else if (*line == separator && !quoted) {
            csv_put(at++, 0);
            csv_begin(at);
            fresh = 1;
        } else if (!(fresh && csv_blank(*line, separator))) {
            csv_put(at++, *line);
            fresh = 0;
        }
    }
    csv_put(at, 0);
}

/* The header, which may have line breaks inside quotes, as a text. */
static char *csv_header(void)
{
    char *line = NULL;
    size_t at = 0, room = 0;
    int c, quoted = 0;
    while ((c = getchar()) != EOF && (quoted || (c != '\\n' && c != '\\r') || at == 0)) {
        if (c == 0) csv_fail("there is a NUL byte in the table", NULL, NULL);
        if (at == 0 && (c == '\\n' || c == '\\r')) continue;
        if (c == '"') quoted = !quoted;
        if (at + 1 >= room) line = csv_grown(line, room = 2 * room + 4096);
        line[at++] = (char)c;
        if (at == 3 && !memcmp(line, "\\xEF\\xBB\\xBF", 3)) at = 0;
    }
    if (!at) csv_fail("the table is empty", NULL, NULL);
    line[at] = 0;
    return line;
}

int main(void)
{
    static const char separators[] = ",;\\t";
    static size_t places[CSV_COLUMNS];
    const char *header = csv_header(), *separator;
    int absent = -1, first = -1;
    size_t width;
    for (separator = separators; *separator; ++separator) {
        csv_cut(header, *separator);
        absent = csv_find(places);
        if (absent < 0) break;
        if (separator == separators) first = absent;
    }
    if (absent >= 0) csv_fail("is not in the table, and the model needs it", csv_columns[first], NULL);
    width = csv_cells;
    (void)deepnet_library;
%(unused)s    puts(csv_answer);
    while (csv_read(*separator)) {
        deepnet_row row;
%(locals)s        ++csv_row;
        if (csv_cells != width) csv_fail("it has not as many cells as the header", NULL, NULL);
%(fill)s%(answer)s    }
    if (ferror(stdin) || fflush(stdout)) csv_fail("the table can't be read, or the answers not written", NULL, NULL);
    return 0;
}
"""

CLASS = """\
        best = deepnet_predict(&row, p);
        printf("%s,", csv_labels[best]);
        for (i = 0; i < DEEPNET_CLASSES; ++i) csv_write(p[i], i + 1 < DEEPNET_CLASSES ? "," : "\\n");
"""
CLASS_LOCALS = "        double p[DEEPNET_CLASSES];\n        int i, best;\n"
NUMBER = '        csv_write(deepnet_predict(&row), "\\n");\n'
NUMBERS = """\
        deepnet_predict(&row, values);
        for (i = 0; i < DEEPNET_OUTPUTS; ++i) csv_write(values[i], i + 1 < DEEPNET_OUTPUTS ? "," : "\\n");
"""
NUMBERS_LOCALS = "        double values[DEEPNET_OUTPUTS];\n        int i;\n"
