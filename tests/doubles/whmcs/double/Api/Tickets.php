<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Tickets as Desk;
use WHMCS\Database\Capsule;

/**
 * The actions on tickets and their replies.
 */
final class Tickets
{
    public static function getTickets(array $values, object $admin): array
    {
        $tickets = self::visible($values, $admin);
        $filters = ['deptid' => 'did', 'clientid' => 'userid', 'email' => 'email'];
        foreach ($filters as $name => $column) {
            if (!empty($values[$name])) {
                $tickets->where($column, $values[$name]);
            }
        }
        if (!empty($values['subject'])) {
            $tickets->where('title', 'like', '%' . $values['subject'] . '%');
        }
        self::filterStatus($tickets, Values::text($values, 'status'), $admin);
        $total = (clone $tickets)->count();
        $rows = array_map([self::class, 'brief'], Values::page($tickets, $values));
        return [
            'result' => 'success', 'totalresults' => $total, 'startnumber' => Values::number($values, 'limitstart'),
            'numreturned' => count($rows), 'tickets' => Values::listed('ticket', $rows),
        ];
    }

    public static function getTicketCounts(array $values, object $admin): array
    {
        $mine = ['ignore_dept_assignments' => $values['ignoreDepartmentAssignments'] ?? ''];
        $count = function (string $status) use ($mine, $admin) {
            $tickets = self::visible($mine, $admin);
            self::filterStatus($tickets, $status, $admin);
            return $tickets->count();
        };
        $answer = [
            'result' => 'success', 'filteredDepartments' => array_map('intval', self::departments($mine, $admin)),
            'allActive' => $count('All Active Tickets'), 'awaitingReply' => $count('Awaiting Reply'),
            'flaggedTickets' => $count('My Flagged Tickets'),
        ];
        if (!empty($values['includeCountsByStatus'])) {
            foreach (Capsule::table('tblticketstatuses')->pluck('title') as $title) {
                $slug = strtolower(preg_replace('/\W+/', '', $title));
                $answer['status'][$slug] = ['title' => $title, 'count' => $count($title)];
            }
        }
        return $answer;
    }

    public static function getTicket(array $values, object $admin): array
    {
        $ticket = self::named($values);
        $posts = [self::post($ticket, '0', $ticket->message, $ticket->date)];
        foreach (Capsule::table('tblticketreplies')->where('tid', $ticket->id)->orderBy('id')->get() as $reply) {
            $posts[] = self::post($reply, (string) $reply->id, $reply->message, $reply->date);
        }
        if (strtoupper(Values::text($values, 'repliessort')) === 'DESC') {
            $posts = array_reverse($posts);
        }
        $brief = self::brief($ticket);
        $brief['ticketid'] = $brief['id'];
        unset($brief['id']);
        return ['result' => 'success'] + $brief + [
            'deptname' => Desk::departmentName($ticket->did), 'contactid' => (string) $ticket->contactid,
            'replies' => Values::listed('reply', $posts),
            'notes' => Values::listed('note', Notes::of($ticket, 'noteid')),
        ];
    }

    public static function openTicket(array $values, object $admin): array
    {
        if (Values::text($values, 'subject') === '' || Values::text($values, 'message') === '') {
            throw new Refusal('Subject and Message are required');
        }
        if (Desk::departmentName(Values::number($values, 'deptid')) === '') {
            throw new Refusal('Department ID not found');
        }
        $client = Values::number($values, 'clientid');
        if ($client !== 0 && !Capsule::table('tblclients')->where('id', $client)->exists()) {
            throw new Refusal('Client ID Not Found');
        }
        $ticket = [
            'deptid' => Values::number($values, 'deptid'), 'userid' => $client, 'name' => Values::text($values, 'name'),
            'email' => Values::text($values, 'email'), 'subject' => $values['subject'], 'message' => $values['message'],
            'priority' => Values::text($values, 'priority') ?: 'Medium',
            'service' => empty($values['serviceid']) ? '' : 'S' . $values['serviceid'],
        ];
        $byAdmin = !empty($values['admin']);
        $objections = Desk::objections($ticket, $byAdmin);
        if ($objections !== []) {
            throw new Refusal(implode(' ', $objections));
        }
        $opened = Desk::find(Desk::open($ticket, $byAdmin ? Desk::fullName($admin) : ''));
        return ['result' => 'success', 'id' => $opened->id, 'tid' => $opened->tid, 'c' => $opened->c];
    }

    public static function addTicketReply(array $values, object $admin): array
    {
        $ticket = self::named($values);
        if (Values::text($values, 'message') === '') {
            throw new Refusal('Message is required');
        }
        if (!empty($values['adminusername'])) {
            $author = Capsule::table('tbladmins')->where('username', $values['adminusername'])->first();
            $name = $author === null ? $values['adminusername'] : Desk::fullName($author);
            Desk::adminReply($ticket->id, $values['message'], $name, Values::text($values, 'status') ?: 'Answered');
            return ['result' => 'success'];
        }
        Desk::userReply($ticket->id, $values['message'], [
            'userid' => Values::number($values, 'clientid'), 'name' => Values::text($values, 'name'),
            'email' => Values::text($values, 'email'),
        ]);
        return ['result' => 'success'];
    }

    public static function updateTicket(array $values, object $admin): array
    {
        $ticket = self::named($values);
        $priority = Values::text($values, 'priority');
        if ($priority !== '' && !in_array($priority, Desk::PRIORITIES, true)) {
            throw new Refusal('Invalid Ticket Priority. Valid priorities are: Low,Medium,High');
        }
        $status = Values::text($values, 'status');
        if ($status !== '' && !Desk::statusExists($status)) {
            $valid = Capsule::table('tblticketstatuses')->orderBy('sortorder')->pluck('title')->all();
            throw new Refusal('Invalid Ticket Status. Valid statuses are: ' . implode(',', $valid));
        }
        if (!empty($values['deptid']) && (int) $values['deptid'] !== (int) $ticket->did) {
            Desk::setDepartment($ticket->id, (int) $values['deptid']);
        }
        if (isset($values['subject']) && $values['subject'] !== $ticket->title) {
            Desk::setSubject($ticket->id, $values['subject']);
        }
        if ($priority !== '' && $priority !== $ticket->urgency) {
            Desk::setPriority($ticket->id, $priority);
        }
        // Only an admin's hand fires TicketStatusChange.
        if ($status === 'Closed' && $ticket->status !== 'Closed') {
            Desk::close($ticket->id);
        } elseif ($status !== '') {
            Desk::update($ticket->id, ['status' => $status]);
        }
        if (!empty($values['flag']) || !empty($values['removeFlag'])) {
            Desk::flag($ticket->id, empty($values['removeFlag']) ? (int) $values['flag'] : 0);
        }
        return ['result' => 'success', 'ticketid' => (string) $ticket->id];
    }

    /** The ticket of `ticketid` or `ticketnum`. */
    public static function named(array $values): object
    {
        $column = isset($values['ticketid']) ? 'id' : 'tid';
        $value = $values['ticketid'] ?? $values['ticketnum'] ?? '';
        $ticket = Capsule::table('tbltickets')->where($column, $value)->first();
        if ($ticket === null) {
            throw new Refusal('Ticket ID not found');
        }
        return $ticket;
    }

    /** @return \Illuminate\Database\Query\Builder tickets of the admin's departments, unless all are asked for */
    private static function visible(array $values, object $admin)
    {
        $departments = self::departments($values, $admin);
        $tickets = Capsule::table('tbltickets')->where('merged_ticket_id', 0);
        $tickets->orderByDesc('lastreply')->orderByDesc('id');
        return $departments === [] ? $tickets : $tickets->whereIn('did', $departments);
    }

    /** @return string[] empty for all */
    private static function departments(array $values, object $admin): array
    {
        return empty($values['ignore_dept_assignments']) ? explode(',', $admin->supportdepts) : [];
    }

    private static function filterStatus($tickets, string $status, object $admin): void
    {
        $columns = ['Awaiting Reply' => 'showawaiting', 'All Active Tickets' => 'showactive'];
        if (isset($columns[$status])) {
            $titles = Capsule::table('tblticketstatuses')->where($columns[$status], 1)->pluck('title');
            $tickets->whereIn('status', $titles);
        } elseif ($status === 'My Flagged Tickets') {
            $tickets->where('flag', $admin->id)->where('status', '!=', 'Closed');
        } elseif ($status !== '') {
            $tickets->where('status', $status);
        }
    }

    private static function brief(object $ticket): array
    {
        $author = self::author($ticket);
        return [
            'id' => (string) $ticket->id, 'tid' => $ticket->tid, 'deptid' => (string) $ticket->did,
            'userid' => (string) $ticket->userid, 'name' => $author['name'], 'owner_name' => $author['name'],
            'email' => $author['email'], 'requestor_name' => $author['name'], 'requestor_email' => $author['email'],
            'requestor_type' => $ticket->userid ? 'Owner' : 'Guest', 'cc' => $ticket->cc, 'c' => $ticket->c,
            'date' => $ticket->date, 'subject' => $ticket->title, 'status' => $ticket->status,
            'priority' => $ticket->urgency, 'admin' => $ticket->admin, 'attachment' => '', 'attachments' => [],
            'attachments_removed' => false, 'lastreply' => $ticket->lastreply, 'flag' => (string) $ticket->flag,
            'service' => $ticket->service,
        ];
    }

    private static function post(object $post, string $id, string $message, string $date): array
    {
        $author = self::author($post);
        return [
            'replyid' => $id, 'userid' => (string) $post->userid, 'contactid' => '0', 'name' => $author['name'],
            'email' => $author['email'], 'requestor_name' => $author['name'], 'date' => $date, 'message' => $message,
            'attachment' => '', 'attachments' => [[]], 'attachments_removed' => false, 'admin' => $post->admin,
            'rating' => '0',
        ];
    }

    /** @return array{name: string, email: string} */
    private static function author(object $post): array
    {
        $client = Capsule::table('tblclients')->where('id', $post->userid)->first();
        if ($client === null) {
            return ['name' => $post->name, 'email' => $post->email];
        }
        return ['name' => $client->firstname . ' ' . $client->lastname, 'email' => $client->email];
    }
}
