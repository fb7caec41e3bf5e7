<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What agents see inside WHMCS. The page itself asks nobody anything: it gets a place and a script.
 */
final class AgentSide
{
    /** The admin folder, whatever it is called, lies beside `modules`. */
    private const ROOT = '..';
    private const ENDPOINT = 'addonmodules.php?module=deskside&action=';

    /** @param array<string, mixed> $vars */
    public static function ticket(array $vars): string
    {
        $ticket = (string) ($vars['ticketid'] ?? '');
        if (preg_match('/^[1-9][0-9]{0,18}$/', $ticket) !== 1 || Staff::id() === '' || !Settings::complete()) {
            return '';
        }
        $config = self::config('agent', $ticket) + [
            'ticket' => $ticket,
            'refused' => isset($_GET['deskside_refused']),
            'kept' => ReplyGuard::takeKept($ticket),
        ];
        return Place::style(self::ROOT)
            . Place::html('deskside-ticket', $config, ['fragment.js', 'draft.js', 'lock.js', 'ticket.js'], self::ROOT);
    }

    public static function queue(): string
    {
        if (Staff::id() === '' || !Settings::complete()) {
            return '';
        }
        return Place::style(self::ROOT)
            . Place::html('deskside-list', self::config('agent', ''), ['fragment.js', 'queue.js'], self::ROOT);
    }

    /** @return array<string, mixed> */
    private static function config(string $purpose, string $ticket): array
    {
        return [
            'endpoint' => self::ENDPOINT,
            'token' => Token::make($purpose, Staff::id(), $ticket),
            'selectors' => Selectors::all(),
            'language' => Staff::language(),
            'words' => Lang::of(Staff::language(), 'agent_'),
        ];
    }
}
