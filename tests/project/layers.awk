# Finds includes that point upward, and uses of what only one place may use.
#
# Run in the root of the tree with the files of src as arguments; each offence is a line `file:line: why`.
# The one list of who may do what is in BEGIN.

BEGIN {
    # Each layer, and the layers whose headers it may include beside its own.
    below["base"] = ""
    below["term"] = "base"
    below["wire"] = "base term"
    below["mailbox"] = "base term wire"
    below["process"] = "base term wire mailbox"
    below["behaviour"] = "base term wire mailbox process"
    below["coroner"] = "base term wire"
    below["node"] = "base term wire coroner"
    below["launch"] = "base term wire mailbox process behaviour coroner node"

    # The layer that each public header belongs to; one that is not listed belongs to the topmost.
    public["outcome"] = public["limits"] = "base"
    public["term"] = public["holes"] = "term"
    public["process"] = public["node"] = public["blob"] = "process"
    public["server"] = public["sys"] = public["program"] = "behaviour"
    # The node keeps the timers that actors start, and has their limits from where actors read them.
    may_also["node"] = "process.h"

    # What only one place may do: a pattern, who may, and what it is called.
    rule(1, "#[ \t]*include[ \t]*<nanomsg/", "^src/mailbox/", "nanomsg")
    rule(2, "(^|[^a-z_])(fork|vfork|clone|clone3|posix_spawnp?)[ \t]*\\(|syscall\\(SYS_(clone|fork|vfork)", "^src/(node/fork|behaviour/program_(keeper|child))[.]c$", "fork")
    rule(3, "(^|[^a-z_])(clock_gettime|gettimeofday|time)[ \t]*\\(", "^src/base/clock[.]c$", "the clock")
}

function rule(i, pattern, place, name) {
    rules = i
    what[i] = pattern
    where[i] = place
    named[i] = name
}

function offence(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why
}

function contains(list, word) {
    return index(" " list " ", " " word " ") > 0
}

# May a file of this layer include a header of that layer?
function allowed(layer, other) {
    return other == layer || contains(below[layer], other)
}

function check_include(header,    folder, name) {
    if (header ~ /^[.]/)
        return offence("\"" header "\" is relative: name the header from src or include")
    if (header !~ /\//)
        return header == "troupe.h" ? offence("troupe.h is for programs, not for the library") : 0
    folder = substr(header, 1, index(header, "/") - 1)
    name = substr(header, index(header, "/") + 1)
    if (folder == "troupe") {
        if (contains(may_also[layer], name))
            return
        sub(/[.]h$/, "", name)
        folder = name in public ? public[name] : "behaviour"
    } else if (!(folder in below)) {
        return offence("\"" header "\" is in no layer of src")
    }
    if (!allowed(layer, folder))
        offence(layer " includes \"" header "\" of " folder ", which is not below it")
}

# Comments and strings tell of fork and clocks without calling them.
function code_of(line) {
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    if (in_comment) {
        if (!sub(/^.*[*]\//, "", line))
            return ""
        in_comment = 0
    }
    gsub(/\/[*]([^*]|[*][^\/])*[*]\//, "", line)
    sub(/\/\/.*$/, "", line)
    if (sub(/\/[*].*$/, "", line))
        in_comment = 1
    return line
}

FNR == 1 {
    in_comment = 0
    split(FILENAME, part, "/")
    layer = part[2]
    if (!(layer in below))
        offence("the folder src/" layer " is in no layer")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    check_include(quoted[2])
}

{
    code = code_of($0)
    for (i = 1; i <= rules; i++)
        if (code ~ what[i] && FILENAME !~ where[i])
            offence("uses " named[i] ", which is for " where[i] " alone")
}
