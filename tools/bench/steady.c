/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded where instructions are counted. Wireshark's hash tables multiply with a number that
 * GLib draws again in each process, and their chains are a little longer or shorter with it: up to
 * a quarter of what is to be measured. With the same number in all processes the count of a capture
 * is the same on every run. */
unsigned g_random_int(void);

unsigned g_random_int(void)
{
    return 0x9e3779b1u; /* prime, and close to the golden ratio of 2^32: spreads all keys well */
}
