/* Mail: OTP's shapes, {'$gen_call', From, Request} and {'$gen_cast', Message}. */
#include "behaviour/mail.h"

void tri_mail_read(tr_term message, struct tri_mail *ret_mail)
{
    tr_term from;
    if (tr_match(message, "{'$gen_call', From, Request}", &from, &ret_mail->body) == 0 &&
        tr_from_get(from, &ret_mail->from)) {
        ret_mail->for_whom = TRI_ON_CALL;
    } else if (tr_match(message, "{'$gen_cast', Message}", &ret_mail->body) == 0) {
        ret_mail->for_whom = TRI_ON_CAST;
    } else {
        ret_mail->for_whom = TRI_ON_INFO;
        ret_mail->body = message;
    }
}
