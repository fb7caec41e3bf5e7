<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * supporttickets.php?action=view: the ticket, its forms, and the AJAX calls of the stock script.
 */
final class AdminTicketPage
{
    public static function answer(object $admin, string $action, int $id): void
    {
        $ticket = Tickets::find($id);
        if ($ticket === null) {
            http_response_code(404);
            (new AdminPage($admin, 'Support Tickets'))->show('<p id="no-ticket">Ticket ID Not Found</p>');
            return;
        }
        if (!Input::posted()) {
            self::show($admin, $ticket);
            return;
        }
        Session::demandToken();
        switch ($action) {
            case 'validatereply':
                self::json(TicketChanges::since($ticket));
                break;
            case 'makingreply':
                self::makingReply($admin, $ticket);
                break;
            case 'endreply':
                if ((int) $ticket->replyingadmin === (int) $admin->id) {
                    Tickets::update($id, ['replyingadmin' => 0]);
                }
                self::json([]);
                break;
            default:
                self::act($admin, $ticket);
                header('Location: supporttickets.php?action=view&id=' . $id);
        }
    }

    /** @param array<string, mixed> $answer */
    private static function json(array $answer): void
    {
        header('Content-Type: application/json');
        echo json_encode((object) $answer);
    }

    private static function makingReply(object $admin, object $ticket): void
    {
        $other = (int) $ticket->replyingadmin;
        if ($other === 0 || $other === (int) $admin->id) {
            Tickets::update($ticket->id, ['replyingadmin' => $admin->id, 'replyingtime' => date('Y-m-d H:i:s')]);
            self::json([]);
            return;
        }
        self::json(['isreplying' => self::replyingText($ticket)]);
    }

    private static function replyingText(object $ticket): string
    {
        $other = Capsule::table('tbladmins')->where('id', $ticket->replyingadmin)->first();
        return Tickets::fullName($other) . ' viewed and started making a reply @ ' . $ticket->replyingtime;
    }

    private static function act(object $admin, object $ticket): void
    {
        if (isset($_POST['postreply'])) {
            // A note is posted with the same button name; only `postaction` tells them apart.
            if (Input::text('postaction') === 'note') {
                Tickets::addNote($ticket->id, Input::text('message'), $admin);
                return;
            }
            $status = Input::text('postaction');
            $status = Tickets::statusExists($status) ? $status : 'Answered';
            Tickets::adminReply($ticket->id, Input::text('message'), Tickets::fullName($admin), $status);
        } elseif (isset($_POST['deletereply'])) {
            Tickets::deleteReply($ticket->id, Input::number('deletereply'), $admin->id);
        } elseif (isset($_POST['splitreplies'])) {
            $replies = array_map('intval', explode(',', Input::text('splitreplies')));
            Tickets::split($ticket->id, $replies, Input::text('splitsubject'), $admin);
        } else {
            self::saveOptions($admin, $ticket);
        }
    }

    private static function saveOptions(object $admin, object $ticket): void
    {
        if (isset($_POST['deptid']) && Input::number('deptid') !== (int) $ticket->did) {
            Tickets::setDepartment($ticket->id, Input::number('deptid'));
        }
        if (isset($_POST['subject']) && Input::text('subject') !== $ticket->title) {
            Tickets::setSubject($ticket->id, Input::text('subject'));
        }
        if (isset($_POST['priority']) && Input::text('priority') !== $ticket->urgency) {
            Tickets::setPriority($ticket->id, Input::text('priority'));
        }
        if (isset($_POST['flagto']) && Input::number('flagto') !== (int) $ticket->flag) {
            Tickets::flag($ticket->id, Input::number('flagto'));
        }
        if (isset($_POST['status']) && Input::text('status') !== $ticket->status) {
            Tickets::setStatus($ticket->id, Input::text('status'), $admin->id);
        }
    }

    private static function show(object $admin, object $ticket): void
    {
        $ids = AdminTheme::ids($admin->template);
        $vars = ['ticketid' => $ticket->id];
        $panels = '';
        foreach (Hooks::run('AdminAreaViewTicketPage', $vars) as $html) {
            $panels .= is_string($html) ? '<div class="addon-html">' . $html . '</div>' : '';
        }
        $content = $panels . self::replying($admin, $ticket, $ids) . self::forms($ticket, $ids)
            . self::thread($ticket);
        (new AdminPage($admin, '#' . $ticket->tid . ' - ' . $ticket->title))->show(
            $content,
            Hooks::html('AdminAreaViewTicketPageSidebar', $vars),
            [
                'ticketid' => (string) $ticket->id,
                'userid' => (string) $ticket->userid,
                'ticketPage' => ['ids' => $ids, 'seen' => TicketChanges::seen($ticket)],
            ]
        );
    }

    private static function replying(object $admin, object $ticket, array $ids): string
    {
        $other = (int) $ticket->replyingadmin !== 0 && (int) $ticket->replyingadmin !== (int) $admin->id;
        return '<div class="alert' . ($other ? '' : ' hidden') . '" id="' . $ids['replyingAdminMsg'] . '">'
            . ($other ? Html::text(self::replyingText($ticket)) : '') . '</div>';
    }

    private static function forms(object $ticket, array $ids): string
    {
        $form = '<form method="post" action="supporttickets.php?action=viewticket&amp;id=' . $ticket->id . '" id="';
        $statuses = Capsule::table('tblticketstatuses')->orderBy('sortorder')->pluck('title', 'title')->all();
        $admins = Capsule::table('tbladmins')->where('disabled', 0)->pluck('username', 'id')->all();
        return $form . $ids['frmAddTicketReply'] . '">' . Html::token() . Html::hidden('postreply', '1')
            . '<textarea name="message" id="' . $ids['replymessage'] . '"></textarea>'
            . Html::select('name="postaction"', ['Answered' => 'Set to Answered'] + $statuses, 'Answered')
            . '<button type="submit" id="' . $ids['btnPostReply'] . '">Reply</button></form>'
            . '<div id="' . $ids['ticketChangedDialog'] . '" class="alert hidden"><p></p><button type="button" '
            . 'class="cancel">Cancel</button> <button type="button" class="continue">Post anyway</button></div>'
            . $form . $ids['frmAddTicketNote'] . '">' . Html::token() . Html::hidden('postaction', 'note')
            . '<textarea name="message" id="' . $ids['replynote'] . '"></textarea>'
            . '<input type="submit" name="postreply" value="Add Note" id="' . $ids['btnAddNote'] . '"></form>'
            . $form . $ids['frmTicketOptions'] . '">' . Html::token()
            . Html::select('name="deptid"', self::departments(), (string) $ticket->did)
            . '<input name="subject" value="' . Html::text($ticket->title) . '">'
            . Html::select('name="status"', $statuses, $ticket->status)
            . Html::select('name="priority"', array_combine(Tickets::PRIORITIES, Tickets::PRIORITIES), $ticket->urgency)
            . Html::select('name="flagto"', [0 => 'None'] + $admins, (string) $ticket->flag)
            . '<button type="submit" id="' . $ids['btnSaveChanges'] . '">Save Changes</button></form>';
    }

    private static function departments(): array
    {
        return Capsule::table('tblticketdepartments')->orderBy('order')->pluck('name', 'id')->all();
    }

    private static function thread(object $ticket): string
    {
        $html = '';
        foreach (Capsule::table('tblticketnotes')->where('ticketid', $ticket->id)->orderByDesc('id')->get() as $note) {
            $html .= '<div class="note" data-id="' . $note->id . '"><b>' . Html::text($note->admin) . '</b><p>'
                . nl2br(Html::text($note->message)) . '</p></div>';
        }
        $replies = Capsule::table('tblticketreplies')->where('tid', $ticket->id)->orderByDesc('id')->get()->all();
        foreach (array_merge($replies, [$ticket]) as $post) {
            $html .= '<div class="reply" data-id="' . ($post === $ticket ? 0 : $post->id) . '"><b>'
                . Html::text($post->admin ?: $post->name ?: 'Client') . '</b><p>' . nl2br(Html::text($post->message))
                . '</p></div>';
        }
        return '<div id="ticketreplies">' . $html . '</div>';
    }
}
