/* Signals: those who fork want them as nobody had touched them, whatever their parent does with its own. */
#ifndef TRI_BASE_SIGNALS_H
#define TRI_BASE_SIGNALS_H

/* Every signal as after exec in a fresh shell: default disposition, nothing blocked. */
void tri_signals_default(void);

#endif
