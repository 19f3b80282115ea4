/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin adds to Wireshark's menus. */
#ifndef IKE_MENUS_H
#define IKE_MENUS_H

/* Statistics > IKE SAs, and -z isakmp,sas. */
void ike_sa_table_register(void);

/* The flow type "IKE Messages" of Statistics > Flow Graph, and -z flow,isakmp,... */
void ike_flow_graph_register(void);

/* Follow > ISAKMP Stream, and -z follow,isakmp,... */
void ike_follow_register(void);

/* Statistics > Service Response Time > ISAKMP, and -z isakmp,srt. */
void ike_response_time_register(void);

/* The tab ISAKMP of Statistics > Conversations and Endpoints. */
void ike_conversations_register(void);

/* The syntax of these in -z help. */
void ike_statistics_help_register(void);

/* "IKE SA" among the conversation filters of a packet, and the colours that go with them. */
void ike_sa_filter_register(void);

/* File > Export Objects > ISAKMP, and --export-objects isakmp,FOLDER. */
void ike_certificates_register(void);

#endif
