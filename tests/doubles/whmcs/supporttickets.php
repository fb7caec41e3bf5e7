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
    $address = 'viewticket.php?tid=' . $ticket->tid . '&c=' . $ticket->c;
    $rows .= '<tr><td><a href="' . Html::text($address) . '">' . Html::text($ticket->title) . '</a></td><td>'
        . Html::text($ticket->status) . '</td></tr>';
}
$page = new ClientPage('Support Tickets', 'ClientAreaPageSupportTickets');
$page->show('<table id="tableTicketsList">' . $rows . '</table>');
