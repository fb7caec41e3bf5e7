<?php

use WhmcsDouble\ClientPage;
use WhmcsDouble\Html;
use WhmcsDouble\Session;
use WHMCS\Database\Capsule;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

$client = Session::demandClient();
$rows = '';
foreach (Capsule::table('tbltickets')->where('userid', $client->id)->orderByDesc('id')->get() as $ticket) {
    $rows .= '<tr><td><a href="viewticket.php?tid=' . Html::text($ticket->tid) . '&amp;c=' . Html::text($ticket->c) . '">'
        . Html::text($ticket->title) . '</a></td><td>' . Html::text($ticket->status) . '</td></tr>';
}
(new ClientPage('Support Tickets', 'ClientAreaPageSupportTickets'))->show('<table id="tableTicketsList">' . $rows . '</table>');
