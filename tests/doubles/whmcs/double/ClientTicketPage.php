<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * viewticket.php: a ticket as its client sees it. Whoever holds its `c` may look.
 */
final class ClientTicketPage
{
    public static function answer(): void
    {
        $ticket = Capsule::table('tbltickets')->where('tid', Input::text('tid'))->where('c', Input::text('c'))->first();
        if ($ticket === null) {
            http_response_code(404);
            (new ClientPage('Support Tickets', 'ClientAreaPageViewTicket'))->show('<p id="no-ticket">Not found</p>');
            return;
        }
        $address = 'viewticket.php?tid=' . $ticket->tid . '&c=' . $ticket->c;
        if (Input::posted() && Input::text('postreply') !== '') {
            Session::demandToken();
            Tickets::userReply($ticket->id, Input::text('replymessage'), self::author($ticket));
            header('Location: ' . $address);
        } elseif (Input::text('closeticket') !== '') {
            Session::demandToken();
            Tickets::close($ticket->id);
            header('Location: ' . $address);
        } else {
            self::show($ticket, $address);
        }
    }

    private static function author(object $ticket): array
    {
        if (Session::clientId() === 0) {
            return ['name' => $ticket->name ?: Input::text('replyname'), 'email' => $ticket->email];
        }
        return ['userid' => Session::clientId(), 'requestor_id' => (int) ($_SESSION['user'] ?? 0)];
    }

    private static function show(object $ticket, string $address): void
    {
        $posts = [];
        $replies = Capsule::table('tblticketreplies')->where('tid', $ticket->id)->orderByDesc('id')->get()->all();
        foreach (array_merge($replies, [$ticket]) as $post) {
            $posts[] = [
                'id' => $post === $ticket ? '' : $post->id,
                'admin' => $post->admin !== '',
                'name' => $post->admin ?: $post->name,
                'date' => $post->date,
                'message' => nl2br(Html::text($post->message)),
            ];
        }
        $page = new ClientPage('View Ticket', 'ClientAreaPageViewTicket', [
            'id' => $ticket->id,
            'tid' => $ticket->tid,
            'c' => $ticket->c,
            'subject' => Html::text($ticket->title),
            'status' => Html::text($ticket->status),
            'department' => Html::text(Tickets::departmentName($ticket->did)),
            'urgency' => $ticket->urgency,
            'descreplies' => $posts,
        ]);
        // Each theme has its own ids.
        $prefix = $page->vars()['template'] === 'twenty-one' ? '' : 'my-';
        $html = '';
        foreach ($posts as $post) {
            $html .= '<div class="reply"><b>' . Html::text($post['name']) . '</b><p>' . $post['message'] . '</p></div>';
        }
        $page->show(
            '<h2 class="subject">#' . Html::text($ticket->tid) . ' - ' . Html::text($ticket->title) . '</h2><p>'
            . Html::text($ticket->status) . '</p><form method="post" id="' . $prefix . 'frmReply" action="'
            . Html::text($address . '&postreply=true') . '">' . Html::token()
            . '<textarea name="replymessage" id="' . $prefix . 'inputMessage"></textarea>'
            . '<button type="submit">Submit</button></form>' . $html
        );
    }
}
