<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * submitticket.php: choose a department, write, be shown articles while writing, send.
 */
final class SubmitTicketPage
{
    private const SUGGESTIONS = 5;

    public static function answer(): void
    {
        if (Input::posted() && Input::text('action') === 'getkbarticles') {
            Session::demandToken();
            self::suggest(Input::text('text'));
        } elseif (Input::posted() && Input::text('step') === '3') {
            Session::demandToken();
            self::submit();
        } elseif (Input::text('step') === '2') {
            self::form([]);
        } else {
            self::departments();
        }
    }

    /** Articles the hooks rank, topped up by WHMCS's own search. */
    private static function suggest(string $text): void
    {
        $ids = [];
        foreach (Hooks::run('SubmitTicketAnswerSuggestions', ['text' => $text]) as $given) {
            $ids = array_merge($ids, array_map('intval', (array) $given));
        }
        $public = Capsule::table('tblknowledgebase')->where('private', '')->where('parentid', 0);
        $own = (clone $public)->orderBy('id')->where(function ($query) use ($text) {
            foreach (preg_split('/\W+/u', $text, -1, PREG_SPLIT_NO_EMPTY) ?: [''] as $word) {
                $query->orWhere('title', 'like', '%' . $word . '%');
            }
        });
        $ids = array_slice(array_unique(array_merge($ids, $own->pluck('id')->all())), 0, self::SUGGESTIONS);
        $html = '';
        foreach ($ids as $id) {
            $article = (clone $public)->where('id', $id)->first();
            $html .= $article === null ? '' : '<a href="knowledgebase.php?action=displayarticle&amp;id=' . $id . '">'
                . Html::text($article->title) . '</a><br>';
        }
        header('Content-Type: text/html; charset=utf-8');
        echo $html;
    }

    private static function submit(): void
    {
        $ticket = [
            'deptid' => Input::number('deptid'),
            'userid' => Session::clientId(),
            'requestor_id' => (int) ($_SESSION['user'] ?? 0),
            'name' => Session::clientId() ? '' : Input::text('name'),
            'email' => Session::clientId() ? '' : Input::text('email'),
            'subject' => Input::text('subject'),
            'message' => Input::text('message'),
            'priority' => Input::text('urgency') ?: 'Medium',
            'service' => Input::text('relatedservice'),
        ];
        $objections = Tickets::objections($ticket, false);
        if ($objections !== []) {
            self::form($objections);
            return;
        }
        $opened = Tickets::find(Tickets::open($ticket));
        (new ClientPage('Ticket Created', 'ClientAreaPageSubmitTicket', ['tid' => $opened->tid, 'c' => $opened->c]))
            ->show('<p id="ticket-created"><a href="viewticket.php?tid=' . $opened->tid . '&amp;c=' . $opened->c . '">#'
                . $opened->tid . '</a></p>');
    }

    /** @param string[] $errors */
    private static function form(array $errors): void
    {
        $list = '';
        foreach ($errors as $error) {
            $list .= '<li class="error">' . Html::text($error) . '</li>';
        }
        (new ClientPage('Open Ticket', 'ClientAreaPageSubmitTicket', ['errormessage' => $list]))->show(
            '<ul>' . $list . '</ul><form method="post" action="submitticket.php?step=3" id="frmSubmitTicket">'
            . Html::token() . Html::hidden('deptid', Input::text('deptid')) . '<input name="name"><input name="email">'
            . '<input name="subject" id="inputSubject"><textarea name="message" id="inputMessage">'
            . Html::text(Input::text('message')) . '</textarea>'
            . Html::select('name="urgency"', array_combine(Tickets::PRIORITIES, Tickets::PRIORITIES), 'Medium')
            . '<button type="submit">Submit</button></form>'
        );
    }

    private static function departments(): void
    {
        $links = '';
        foreach (Capsule::table('tblticketdepartments')->orderBy('order')->get() as $department) {
            $links .= '<a href="submitticket.php?step=2&amp;deptid=' . $department->id . '">'
                . Html::text($department->name) . '</a> ';
        }
        (new ClientPage('Open Ticket', 'ClientAreaPageSubmitTicket'))->show($links);
    }
}
