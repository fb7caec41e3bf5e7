<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What a hook tells, as small as it can be: ids only. Whoever wants to know more asks the API. `$vars` is never passed
 * on: it holds messages, models, and for services passwords.
 */
final class Events
{
    public const HOOKS = [
        'TicketOpen', 'TicketOpenAdmin', 'TicketUserReply', 'TicketAdminReply', 'TicketAddNote', 'TicketStatusChange',
        'TicketClose', 'TicketPriorityChange', 'TicketSubjectChange', 'TicketDepartmentChange', 'TicketFlagged',
        'TicketDelete', 'TicketMerge', 'TicketSplit',
        'InvoicePaid', 'InvoiceRefunded', 'InvoiceCancelled', 'InvoiceUnpaid',
        'AfterModuleCreate', 'AfterModuleSuspend', 'AfterModuleUnsuspend', 'AfterModuleTerminate',
        'AfterModuleChangePackage', 'ServiceEdit', 'AdminServiceEdit',
        'NetworkIssueAdd', 'NetworkIssueReopen', 'NetworkIssueClose', 'NetworkIssueDelete',
        'AnnouncementAdd', 'AnnouncementEdit',
    ];

    /** Every type that a person can switch off. */
    public const TYPES = [
        'ticket.opened', 'ticket.client_replied', 'ticket.agent_replied', 'ticket.note_added', 'ticket.status_changed',
        'ticket.closed', 'ticket.priority_changed', 'ticket.subject_changed', 'ticket.department_changed',
        'ticket.flagged', 'ticket.deleted', 'ticket.merged', 'ticket.split', 'invoice.paid', 'invoice.refunded',
        'invoice.cancelled', 'invoice.unpaid', 'service.changed', 'network_issue.opened', 'network_issue.closed',
        'announcement.changed',
    ];

    private const TICKET = [
        'TicketAdminReply' => 'ticket.agent_replied',
        'TicketClose' => 'ticket.closed',
        'TicketPriorityChange' => 'ticket.priority_changed',
        'TicketSubjectChange' => 'ticket.subject_changed',
        'TicketDepartmentChange' => 'ticket.department_changed',
        'TicketOpenAdmin' => 'ticket.opened',
        // `adminid` is whom it is flagged to, not who did it.
        'TicketFlagged' => 'ticket.flagged',
    ];

    private const OTHER = [
        'InvoicePaid' => ['invoice.paid', 'invoice', 'invoiceid'],
        'InvoiceRefunded' => ['invoice.refunded', 'invoice', 'invoiceid'],
        'InvoiceCancelled' => ['invoice.cancelled', 'invoice', 'invoiceid'],
        'InvoiceUnpaid' => ['invoice.unpaid', 'invoice', 'invoiceid'],
        'ServiceEdit' => ['service.changed', 'service', 'serviceid'],
        'AdminServiceEdit' => ['service.changed', 'service', 'serviceid'],
        'NetworkIssueAdd' => ['network_issue.opened', 'network_issue', 'id'],
        'NetworkIssueReopen' => ['network_issue.opened', 'network_issue', 'id'],
        'NetworkIssueClose' => ['network_issue.closed', 'network_issue', 'id'],
        'NetworkIssueDelete' => ['network_issue.closed', 'network_issue', 'id'],
        'AnnouncementAdd' => ['announcement.changed', 'announcement', 'announcementid'],
        'AnnouncementEdit' => ['announcement.changed', 'announcement', 'announcementid'],
    ];

    /** A merge of more than that is told by the reconciling poll. */
    private const MOST_MERGED = 50;

    /**
     * @param array<string, mixed> $vars what the hook was called with
     * @return array<int, array<string, mixed>> payloads, none when no id could be read
     */
    public static function of(string $hook, array $vars): array
    {
        if (isset(self::OTHER[$hook])) {
            [$type, $name, $key] = self::OTHER[$hook];
            return self::about($type, $name, self::id($vars, $key), []);
        }
        if (strncmp($hook, 'AfterModule', 11) === 0) {
            $params = isset($vars['params']) && is_array($vars['params']) ? $vars['params'] : [];
            return self::about('service.changed', 'service', self::id($params, 'serviceid'), []);
        }
        if (isset(self::TICKET[$hook])) {
            return self::ticket(self::TICKET[$hook], self::id($vars, 'ticketid'), self::staff());
        }
        switch ($hook) {
            case 'TicketOpen':
                return self::ticket('ticket.opened', self::id($vars, 'ticketid'), self::client($vars));
            case 'TicketUserReply':
                return self::ticket('ticket.client_replied', self::id($vars, 'ticketid'), self::client($vars));
            case 'TicketAddNote':
                return self::ticket('ticket.note_added', self::id($vars, 'ticketid'), self::admin($vars, 'adminid'));
            case 'TicketStatusChange':
                $by = self::admin($vars, 'adminid');
                return self::ticket('ticket.status_changed', self::id($vars, 'ticketid'), $by);
            case 'TicketDelete':
                return self::ticket('ticket.deleted', self::id($vars, 'ticketId'), self::admin($vars, 'adminId'));
            case 'TicketMerge':
                return self::merged($vars);
            case 'TicketSplit':
                return array_merge(
                    self::ticket('ticket.split', self::id($vars, 'originalTicketId'), self::staff()),
                    self::ticket('ticket.split', self::id($vars, 'newTicketID'), self::staff())
                );
            default:
                return [];
        }
    }

    /** @return array<string, mixed> what the test button sends */
    public static function test(): array
    {
        return ['type' => 'test.ping', 'at' => self::now()];
    }

    /** @param array<string, mixed> $vars */
    private static function merged(array $vars): array
    {
        $merged = isset($vars['mergedTicketIds']) && is_array($vars['mergedTicketIds']) ? $vars['mergedTicketIds'] : [];
        $found = self::ticket('ticket.merged', self::id($vars, 'masterTicketId'), self::staff());
        foreach (array_slice(array_values($merged), 0, self::MOST_MERGED) as $id) {
            $found = array_merge($found, self::ticket('ticket.merged', self::number($id), self::staff()));
        }
        return $found;
    }

    /** @param array<string, string> $by */
    private static function ticket(string $type, string $ticket, array $by): array
    {
        return self::about($type, 'ticket', $ticket, $by);
    }

    /** @param array<string, string> $by */
    private static function about(string $type, string $name, string $id, array $by): array
    {
        if ($id === '') {
            return [];
        }
        $payload = ['type' => $type, $name => $id, 'at' => self::now()];
        return [$by === [] ? $payload : $payload + ['by' => $by]];
    }

    private static function now(): string
    {
        return gmdate('Y-m-d\TH:i:s\Z');
    }

    /** @param array<string, mixed> $vars */
    private static function id(array $vars, string $key): string
    {
        return self::number($vars[$key] ?? null);
    }

    /** @param mixed $value */
    private static function number($value): string
    {
        $text = is_int($value) || is_string($value) ? trim((string) $value) : '';
        return preg_match('/^[1-9][0-9]{0,18}$/', $text) === 1 ? $text : '';
    }

    /** @param array<string, mixed> $vars */
    private static function admin(array $vars, string $key): array
    {
        $id = self::id($vars, $key);
        return $id === '' ? self::staff() : ['admin' => $id];
    }

    /** @param array<string, mixed> $vars */
    private static function client(array $vars): array
    {
        $id = self::id($vars, 'userid');
        return $id === '' ? [] : ['client' => $id];
    }

    private static function staff(): array
    {
        $id = self::number($_SESSION['adminid'] ?? null);
        return $id === '' ? [] : ['admin' => $id];
    }
}
