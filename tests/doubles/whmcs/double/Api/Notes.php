<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Tickets as Desk;
use WHMCS\Database\Capsule;

/**
 * The actions on the notes of a ticket.
 */
final class Notes
{
    public static function addTicketNote(array $values, object $admin): array
    {
        $ticket = Tickets::named($values);
        if (Values::text($values, 'message') === '') {
            throw new Refusal('Message is required');
        }
        Desk::addNote($ticket->id, $values['message'], $admin);
        return ['result' => 'success'];
    }

    public static function getTicketNotes(array $values, object $admin): array
    {
        $notes = self::of(Tickets::named($values), 'id');
        return ['result' => 'success', 'totalresults' => count($notes), 'notes' => Values::listed('note', $notes)];
    }

    public static function deleteTicketNote(array $values, object $admin): array
    {
        $gone = Capsule::table('tblticketnotes')->where('id', Values::number($values, 'noteid'))->delete();
        if ($gone === 0) {
            throw new Refusal('Note ID not found');
        }
        return ['result' => 'success'];
    }

    /** @return array[] under the name this action gives the id */
    public static function of(object $ticket, string $id): array
    {
        $notes = [];
        foreach (Capsule::table('tblticketnotes')->where('ticketid', $ticket->id)->orderBy('id')->get() as $note) {
            $notes[] = [
                $id => (string) $note->id, 'date' => $note->date, 'message' => $note->message, 'attachment' => '',
                'attachments_removed' => false, 'admin' => $note->admin,
            ];
        }
        return $notes;
    }
}
