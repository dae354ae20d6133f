/* Keys: what may stand in which section, and how a value is read. */
#ifndef TROUPE_CONFIG_KEYS_H
#define TROUPE_CONFIG_KEYS_H

#include "config/model.h"

/* A value as it stands in the file. */
struct config_value {
    char *text;
    unsigned line;
};

extern const char *const config_key_names[CONFIG_KEYS];

/* Is this key one of such a section's? is_top: of the file's own. */
bool config_key_belongs(enum config_key key, enum config_kind kind, bool is_top);

/* Reads the values that were given for a key. Mistakes are added, and the model has what was right. */
void config_key_read(struct config *config, struct config_child *child, enum config_key key,
                     struct config_value *const *values, size_t count,
                     struct config_mistakes *mistakes);

/* A key or section that is not known here, in words that help. where: "server", "top" for the file's own. */
void config_key_unknown(const char *where, const char *word, unsigned line,
                        struct config_mistakes *mistakes);

#endif
