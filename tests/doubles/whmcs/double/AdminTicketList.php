<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * supporttickets.php: the list of tickets, those awaiting a reply unless another filter is asked for.
 */
final class AdminTicketList
{
    public static function answer(object $admin): void
    {
        if (Input::posted()) {
            Session::demandToken();
            self::act($admin);
            header('Location: supporttickets.php');
            return;
        }
        $above = Hooks::html('AdminSupportTicketPagePreTickets', []);
        (new AdminPage($admin, 'Support Tickets'))->show(
            '<div id="pre-tickets">' . $above . '</div>' . self::table(Input::text('view'))
        );
    }

    private static function table(string $view): string
    {
        $tickets = Capsule::table('tbltickets')->where('merged_ticket_id', 0);
        if ($view === 'flagged') {
            $tickets->where('flag', Session::adminId());
        } elseif ($view !== 'all') {
            $column = $view === 'active' ? 'showactive' : 'showawaiting';
            $tickets->whereIn('status', Capsule::table('tblticketstatuses')->where($column, 1)->pluck('title'));
        }
        $rows = '';
        foreach ($tickets->orderByDesc('lastreply')->orderByDesc('id')->get() as $ticket) {
            $rows .= '<tr><td><input type="checkbox" name="selectedtickets[]" value="' . $ticket->id . '"></td><td>'
                . Html::text(Tickets::departmentName($ticket->did)) . '</td><td><a href="supporttickets.php?action=view'
                . '&amp;id=' . $ticket->id . '">#' . Html::text($ticket->tid) . ' - ' . Html::text($ticket->title)
                . '</a></td><td>' . Html::text($ticket->status) . '</td><td>' . Html::text($ticket->urgency)
                . '</td><td>' . $ticket->lastreply . '</td></tr>';
        }
        $head = '';
        foreach (['', 'Department', 'Subject', 'Status', 'Priority', 'Last Reply'] as $title) {
            $head .= '<th>' . $title . '</th>';
        }
        return '<form method="post" action="supporttickets.php" id="ticketsListForm">' . Html::token()
            . '<table id="sortabletbl0"><tr>' . $head . '</tr>' . $rows . '</table>'
            . '<button name="close" value="1">Close</button><button name="delete" value="1">Delete</button>'
            . '<button name="merge" value="1">Merge</button></form>';
    }

    /** The buttons below the list. */
    private static function act(object $admin): void
    {
        $ids = array_map('intval', (array) ($_POST['selectedtickets'] ?? []));
        if (isset($_POST['merge']) && count($ids) > 1) {
            Tickets::merge($ids[0], array_slice($ids, 1));
            return;
        }
        foreach ($ids as $id) {
            if (isset($_POST['delete'])) {
                Tickets::delete($id, $admin->id);
            } elseif (isset($_POST['close'])) {
                Tickets::close($id);
            }
        }
    }
}
