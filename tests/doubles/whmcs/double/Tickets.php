<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * What happens to tickets, with the hooks WHMCS documents for it. Texts are stored as they come: pages hand in encoded
 * ones.
 */
final class Tickets
{
    public const PRIORITIES = ['Low', 'Medium', 'High'];

    public static function find(int $id): ?object
    {
        return Capsule::table('tbltickets')->where('id', $id)->first();
    }

    public static function departmentName(int $id): string
    {
        return (string) Capsule::table('tblticketdepartments')->where('id', $id)->value('name');
    }

    public static function statusExists(string $title): bool
    {
        return Capsule::table('tblticketstatuses')->where('title', $title)->exists();
    }

    /**
     * @param array<string, mixed> $ticket deptid, subject, message; userid or name and email; priority, service, cc
     * @return string[] what the validation hooks object to
     */
    public static function objections(array $ticket, bool $byAdmin): array
    {
        $given = Hooks::run('TicketOpenValidation', [
            'clientId' => (int) ($ticket['userid'] ?? 0),
            'contactId' => 0,
            'name' => (string) ($ticket['name'] ?? ''),
            'email' => (string) ($ticket['email'] ?? ''),
            'isAdmin' => $byAdmin,
            'departmentId' => (int) $ticket['deptid'],
            'subject' => $ticket['subject'],
            'message' => $ticket['message'],
            'priority' => $ticket['priority'] ?? 'Medium',
            'relatedService' => (string) ($ticket['service'] ?? ''),
            'customfields' => [],
        ]);
        return array_values(array_filter($given, function ($answer) {
            return is_string($answer) && $answer !== '';
        }));
    }

    /** @return int the id; the mask and the `c` are in the row */
    public static function open(array $ticket, string $byAdmin = ''): int
    {
        $now = date('Y-m-d H:i:s');
        $mask = self::letters('ABCDEFGHJKLMNPQRSTUVWXYZ', 3) . '-' . self::letters('0123456789', 6);
        $id = (int) Capsule::table('tbltickets')->insertGetId([
            'tid' => $mask, 'did' => $ticket['deptid'], 'userid' => $ticket['userid'] ?? 0, 'contactid' => 0,
            'requestor_id' => $ticket['requestor_id'] ?? 0, 'name' => $ticket['name'] ?? '',
            'email' => $ticket['email'] ?? '', 'cc' => $ticket['cc'] ?? '',
            'c' => self::letters('abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789', 8), 'date' => $now,
            'title' => $ticket['subject'], 'message' => $ticket['message'], 'status' => 'Open',
            'urgency' => $ticket['priority'] ?? 'Medium', 'admin' => $byAdmin, 'attachment' => '', 'lastreply' => $now,
            'flag' => 0, 'adminunread' => '', 'replyingadmin' => 0, 'replyingtime' => Seed::ZERO,
            'service' => $ticket['service'] ?? '',
        ]);
        self::note('New Support Ticket Opened', $id);
        Hooks::run($byAdmin === '' ? 'TicketOpen' : 'TicketOpenAdmin', [
            'ticketid' => $id,
            'ticketmask' => $mask,
            'userid' => (int) ($ticket['userid'] ?? 0),
            'deptid' => (int) $ticket['deptid'],
            'deptname' => self::departmentName((int) $ticket['deptid']),
            'subject' => $ticket['subject'],
            'message' => $ticket['message'],
            'priority' => $ticket['priority'] ?? 'Medium',
        ]);
        return $id;
    }

    /** @param array<string, mixed> $author userid or name and email, requestor_id */
    public static function userReply(int $id, string $message, array $author): int
    {
        $replyId = self::reply($id, $message, '', 'Customer-Reply', $author);
        $ticket = self::find($id);
        Hooks::run('TicketUserReply', [
            'ticketid' => $id,
            'replyid' => $replyId,
            'userid' => (int) ($author['userid'] ?? 0),
            'deptid' => $ticket->did,
            'deptname' => self::departmentName($ticket->did),
            'subject' => $ticket->title,
            'message' => $message,
            'priority' => $ticket->urgency,
            'status' => $ticket->status,
        ]);
        return $replyId;
    }

    public static function adminReply(int $id, string $message, string $admin, string $status = 'Answered'): int
    {
        $replyId = self::reply($id, $message, $admin, $status, []);
        $ticket = self::find($id);
        Hooks::run('TicketAdminReply', [
            'ticketid' => $id,
            'replyid' => $replyId,
            'deptid' => $ticket->did,
            'deptname' => self::departmentName($ticket->did),
            'subject' => $ticket->title,
            'message' => $message,
            'priority' => $ticket->urgency,
            'admin' => $admin,
            'status' => $ticket->status,
        ]);
        if ($status === 'Closed') {
            Hooks::run('TicketClose', ['ticketid' => $id]);
        }
        return $replyId;
    }

    private static function reply(int $id, string $message, string $admin, string $status, array $author): int
    {
        $now = date('Y-m-d H:i:s');
        $replyId = (int) Capsule::table('tblticketreplies')->insertGetId([
            'tid' => $id, 'userid' => $author['userid'] ?? 0, 'contactid' => 0,
            'requestor_id' => $author['requestor_id'] ?? 0, 'name' => $author['name'] ?? '',
            'email' => $author['email'] ?? '', 'date' => $now, 'message' => $message, 'admin' => $admin,
            'attachment' => '', 'rating' => 0,
        ]);
        self::update($id, ['status' => $status, 'lastreply' => $now, 'replyingadmin' => 0]);
        self::note($admin === '' ? 'New Ticket Response made by User' : 'New Ticket Response by ' . $admin, $id);
        return $replyId;
    }

    public static function addNote(int $id, string $message, object $admin): int
    {
        $noteId = (int) Capsule::table('tblticketnotes')->insertGetId([
            'ticketid' => $id, 'admin' => self::fullName($admin), 'date' => date('Y-m-d H:i:s'), 'message' => $message,
            'attachments' => '',
        ]);
        Hooks::run('TicketAddNote', [
            'ticketid' => $id, 'message' => $message, 'adminid' => $admin->id, 'attachments' => '',
        ]);
        return $noteId;
    }

    /** A change of status by an admin's hand: the only one TicketStatusChange is documented for. */
    public static function setStatus(int $id, string $status, int $adminId): void
    {
        self::update($id, ['status' => $status]);
        Hooks::run('TicketStatusChange', ['adminid' => $adminId, 'status' => $status, 'ticketid' => $id]);
        if ($status === 'Closed') {
            Hooks::run('TicketClose', ['ticketid' => $id]);
        }
    }

    public static function close(int $id): void
    {
        self::update($id, ['status' => 'Closed']);
        Hooks::run('TicketClose', ['ticketid' => $id]);
    }

    public static function setPriority(int $id, string $priority): void
    {
        self::update($id, ['urgency' => $priority]);
        Hooks::run('TicketPriorityChange', ['ticketid' => $id, 'priority' => $priority]);
    }

    public static function setSubject(int $id, string $subject): void
    {
        self::update($id, ['title' => $subject]);
        Hooks::run('TicketSubjectChange', ['ticketid' => $id, 'subject' => $subject]);
    }

    public static function setDepartment(int $id, int $department): void
    {
        self::update($id, ['did' => $department]);
        Hooks::run('TicketDepartmentChange', [
            'ticketid' => $id, 'deptid' => $department, 'deptname' => self::departmentName($department),
        ]);
    }

    public static function flag(int $id, int $adminId): void
    {
        self::update($id, ['flag' => $adminId]);
        $admin = Capsule::table('tbladmins')->where('id', $adminId)->first();
        Hooks::run('TicketFlagged', [
            'ticketid' => $id, 'adminid' => $adminId, 'adminname' => $admin === null ? '' : self::fullName($admin),
        ]);
    }

    public static function delete(int $id, int $adminId): void
    {
        Capsule::table('tblticketreplies')->where('tid', $id)->delete();
        Capsule::table('tblticketnotes')->where('ticketid', $id)->delete();
        Capsule::table('tbltickets')->where('id', $id)->delete();
        Hooks::run('TicketDelete', ['ticketId' => $id, 'adminId' => $adminId]);
    }

    public static function deleteReply(int $id, int $replyId, int $adminId): void
    {
        Capsule::table('tblticketreplies')->where('tid', $id)->where('id', $replyId)->delete();
        Hooks::run('TicketDeleteReply', ['ticketId' => $id, 'replyId' => $replyId, 'adminId' => $adminId]);
    }

    /** @param int[] $merged */
    public static function merge(int $master, array $merged): void
    {
        foreach ($merged as $id) {
            Capsule::table('tblticketreplies')->where('tid', $id)->update(['tid' => $master]);
            self::update($id, ['merged_ticket_id' => $master, 'status' => 'Closed']);
        }
        Hooks::run('TicketMerge', ['mergedTicketIds' => $merged, 'masterTicketId' => $master]);
    }

    /** @param int[] $replies go to the new ticket */
    public static function split(int $id, array $replies, string $subject, object $admin): int
    {
        $ticket = self::find($id);
        $first = Capsule::table('tblticketreplies')->where('tid', $id)->whereIn('id', $replies)->orderBy('id')->first();
        $new = self::open([
            'deptid' => $ticket->did, 'userid' => $ticket->userid, 'name' => $ticket->name, 'email' => $ticket->email,
            'subject' => $subject, 'message' => $first->message, 'priority' => $ticket->urgency,
        ], self::fullName($admin));
        Capsule::table('tblticketreplies')->where('id', $first->id)->delete();
        Capsule::table('tblticketreplies')->where('tid', $id)->whereIn('id', $replies)->update(['tid' => $new]);
        Hooks::run('TicketSplit', ['originalTicketId' => $id, 'newTicketID' => $new]);
        return $new;
    }

    public static function fullName(object $admin): string
    {
        return trim($admin->firstname . ' ' . $admin->lastname);
    }

    /** @param array<string, mixed> $values */
    public static function update(int $id, array $values): void
    {
        Capsule::table('tbltickets')->where('id', $id)->update($values + ['updated_at' => date('Y-m-d H:i:s')]);
    }

    private static function note(string $action, int $id): void
    {
        Capsule::table('tblticketlog')->insert(['date' => date('Y-m-d H:i:s'), 'tid' => $id, 'action' => $action]);
    }

    private static function letters(string $alphabet, int $length): string
    {
        $text = '';
        for ($index = 0; $index < $length; $index++) {
            $text .= $alphabet[random_int(0, strlen($alphabet) - 1)];
        }
        return $text;
    }
}
