<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What clients see inside WHMCS, in any theme: their place on their own ticket, and the offer of pushes.
 */
final class ClientSide
{
    private const TICKET_PAGE = 'viewticket';

    /** @param array<string, mixed> $vars */
    public static function head(array $vars): string
    {
        return self::onTicket($vars) && Customer::id() !== '' ? Place::style(self::root($vars)) : '';
    }

    /** @param array<string, mixed> $vars */
    public static function footer(array $vars): string
    {
        $client = Customer::id();
        if ($client === '' || !Settings::complete()) {
            return '';
        }
        $config = [];
        if (self::onTicket($vars)) {
            // By the mask and the client, never by `c`: whoever holds `c` may read the ticket.
            $ticket = Customer::ownTicket($client, (string) ($vars['tid'] ?? ''));
            if ($ticket !== '') {
                $config = [
                    'ticket' => $ticket,
                    'endpoint' => self::root($vars) . '/index.php?m=deskside&action=',
                    'token' => Token::make('client', $client, $ticket),
                    'selectors' => Selectors::all(),
                    'words' => Lang::of(Customer::language(), 'client_'),
                ];
            }
        }
        if (Settings::push() && !Customer::masqueraded()) {
            $config['push'] = Settings::address() . '/push/deskside.js';
            $config['identity'] = Identity::token($client);
        }
        if ($config === []) {
            return '';
        }
        return Place::html('deskside-client', $config, ['fragment.js', 'client.js'], self::root($vars));
    }

    /** @param array<string, mixed> $vars */
    private static function onTicket(array $vars): bool
    {
        return ($vars['filename'] ?? '') === self::TICKET_PAGE;
    }

    /** @param array<string, mixed> $vars */
    private static function root(array $vars): string
    {
        // Only the path: the page may have come under another name or scheme than the configured one.
        $path = parse_url((string) ($vars['systemurl'] ?? ''), PHP_URL_PATH);
        return rtrim(is_string($path) ? $path : '', '/');
    }
}
