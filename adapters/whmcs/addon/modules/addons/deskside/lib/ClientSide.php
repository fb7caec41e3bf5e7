<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * What clients see inside WHMCS, in any theme: their place on their own ticket, articles that may help while
 * they write one, and the offer of pushes.
 */
final class ClientSide
{
    private const TICKET_PAGE = 'viewticket';
    private const NEW_TICKET_PAGE = 'submitticket';
    private const ENDPOINT = '/index.php?m=deskside&action=';

    /** @param array<string, mixed> $vars */
    public static function head(array $vars): string
    {
        $shows = self::suggests($vars) || (self::onTicket($vars) && Customer::id() !== '');
        return $shows ? Place::style(self::root($vars)) : '';
    }

    /** @param array<string, mixed> $vars */
    public static function footer(array $vars): string
    {
        return self::suggestions($vars) . self::own($vars);
    }

    /**
     * Where a ticket is written, also by a visitor: articles that may help.
     *
     * @param array<string, mixed> $vars
     */
    private static function suggestions(array $vars): string
    {
        if (!self::suggests($vars)) {
            return '';
        }
        $config = [
            'endpoint' => self::root($vars) . self::ENDPOINT,
            'token' => Token::make(Ajax::SUGGEST, Customer::id()),
            'selectors' => Selectors::all(),
            'words' => Lang::of(Customer::language(), 'suggest_'),
        ];
        return Place::html('deskside-suggest', $config, ['fragment.js', 'suggest.js'], self::root($vars));
    }

    /** @param array<string, mixed> $vars */
    private static function own(array $vars): string
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
                    'endpoint' => self::root($vars) . self::ENDPOINT,
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
    private static function suggests(array $vars): bool
    {
        return ($vars['filename'] ?? '') === self::NEW_TICKET_PAGE && Settings::complete() && Settings::suggest();
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
