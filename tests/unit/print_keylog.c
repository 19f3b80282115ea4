/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the secrets that the readers find in the files given, one a line: for test_keylog.py,
 * which compares them with what the daemons' logs are known to hold. "-n" counts and prints no
 * secret. */
#include <string.h>

#include "recording_keyring.h"

int main(int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "-n") == 0 ? 2 : 1;
    for (int i = first; i < argc; i++) {
        ike_keyring *ring = ike_keyring_new(NULL, NULL);
        if (first == 2)
            recording_count_only(ring);
        bool good = ike_keyring_follow_file(ring, argv[i]);
        printf("file %s %s %u secrets %u warnings\n", argv[i], good ? "read" : "not read",
               recording_secrets(ring), recording_warnings(ring));
        if (first == 1)
            recording_print(ring, stdout);
        ike_keyring_free(ring);
    }
    return 0;
}
