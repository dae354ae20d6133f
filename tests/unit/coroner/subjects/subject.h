/* Subject: see subject.c, whose lines these are. */
#ifndef CORONER_SUBJECT_H
#define CORONER_SUBJECT_H

enum { LINE_OF_ROW = 7, LINE_OF_TABLE = 13, LINE_OF_RUN = 19 };

typedef int subject_fn(void *context);

__attribute__((visibility("default"))) int subject_run(subject_fn *visit, void *context);

#endif
