<?php

namespace WHMCS\Module\Addon\Probe;

use WHMCS\Database\Capsule;

/**
 * What the probe was given, in a table of its own.
 */
final class Seen
{
    public const TABLE = 'mod_probe_seen';

    public const EVENTS = [
        'TicketOpen', 'TicketOpenAdmin', 'TicketUserReply', 'TicketAdminReply', 'TicketAddNote', 'TicketStatusChange',
        'TicketClose', 'TicketPriorityChange', 'TicketSubjectChange', 'TicketDepartmentChange', 'TicketFlagged',
        'TicketDelete', 'TicketDeleteReply', 'TicketMerge', 'TicketSplit', 'AfterCronJob', 'PreCronJob', 'DailyCronJob',
        'InvoicePaid', 'InvoicePaidPreEmail', 'InvoiceRefunded', 'InvoiceUnpaid', 'InvoiceCancelled',
        'AddInvoicePayment', 'AfterModuleCreate', 'AfterModuleSuspend', 'AfterModuleTerminate',
        'AfterModuleCreateFailed', 'AnnouncementAdd',
    ];

    public const HTML = [
        'AdminAreaViewTicketPage', 'AdminAreaViewTicketPageSidebar', 'AdminSupportTicketPagePreTickets',
        'AdminAreaHeadOutput', 'AdminAreaHeaderOutput', 'AdminAreaFooterOutput', 'ClientAreaHeadOutput',
        'ClientAreaHeaderOutput', 'ClientAreaFooterOutput',
    ];

    public static function createTable(): void
    {
        Capsule::schema()->create(self::TABLE, function ($table) {
            $table->increments('id');
            $table->string('hook');
            $table->mediumText('vars');
        });
    }

    public static function record(string $hook, array $vars): void
    {
        Capsule::table(self::TABLE)->insert(['hook' => $hook, 'vars' => json_encode($vars)]);
    }
}
