<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;

/**
 * What `validatereply` compares: the ticket as the page showed it, and as it is.
 */
final class TicketChanges
{
    /** @return array<string, string> by the name of the field the stock script posts */
    public static function seen(object $ticket): array
    {
        return Sanitize::decode([
            'lastReplyId' => (string) (int) Capsule::table('tblticketreplies')->where('tid', $ticket->id)->max('id'),
            'currentSubject' => (string) $ticket->title,
            'currentCc' => (string) $ticket->cc,
            'currentUserId' => (string) $ticket->userid,
            'currentDepartmentId' => (string) $ticket->did,
            'currentFlag' => (string) $ticket->flag,
            'currentPriority' => (string) $ticket->urgency,
            'currentStatus' => (string) $ticket->status,
        ]);
    }

    /** @return array{valid: bool, changes: bool, changeList: string[]} for the values in the request */
    public static function since(object $ticket): array
    {
        $list = [];
        foreach (self::seen($ticket) as $field => $now) {
            if (Sanitize::decode(Input::text($field)) !== $now) {
                $list[] = $field === 'lastReplyId' ? 'A new reply has been posted' : substr($field, 7) . ' has changed';
            }
        }
        return ['valid' => $list === [], 'changes' => $list !== [], 'changeList' => $list];
    }
}
