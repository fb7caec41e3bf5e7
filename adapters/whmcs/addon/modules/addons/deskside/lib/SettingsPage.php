<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * The addon's page in the admin area: the state of the connection for every admin with access to the addon; the
 * settings for the roles that its configuration names.
 */
final class SettingsPage
{
    private const PURPOSE = 'settings';
    private const NEWEST = 10;

    /** @param array<string, mixed> $vars */
    public static function output(array $vars): string
    {
        $words = Lang::of(Staff::language(), 'page_');
        $may = Staff::maySettle((string) ($vars['settings_roles'] ?? '') ?: '1');
        $messages = $may && ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST' ? self::act($words) : [];
        $html = '<div class="deskside deskside-settings">';
        foreach ($messages as [$good, $text]) {
            $html .= '<p class="deskside-message ' . ($good ? 'deskside-good' : 'deskside-bad') . '" role="status">'
                . Lang::html($text) . '</p>';
        }
        $html .= self::state($words);
        $html .= $may ? self::form($words) : '<p class="deskside-quiet">' . Lang::html($words['not_yours']) . '</p>';
        return Place::style('..') . $html . '</div>';
    }

    /**
     * @param array<string, string> $words
     * @return array<int, array{0: bool, 1: string}>
     */
    private static function act(array $words): array
    {
        if (!Token::good(self::posted('deskside_token'), self::PURPOSE, Staff::id())) {
            return [[false, $words['form_expired']]];
        }
        switch (self::posted('deskside_do')) {
            case 'save':
                return self::save($words);
            case 'test':
                return self::test($words);
            case 'flush':
                return [[true, sprintf($words['flushed'], Outbox::flush())]];
            default:
                return [];
        }
    }

    /** @param array<string, string> $words */
    private static function save(array $words): array
    {
        $address = rtrim(trim(self::posted('address')), '/');
        $selectors = trim(self::posted('selectors'));
        $wrong = ($address === '' ? '' : Settings::wrongAddress($address)) ?: Selectors::wrong($selectors);
        if ($wrong !== '') {
            return [[false, $words[$wrong]]];
        }
        self::put(Settings::ADDRESS, $address);
        $secret = trim(self::posted('secret'));
        if ($secret !== '') {
            State::set(Settings::SECRET, $secret);
        } elseif (isset($_POST['secret_packed'])) {
            State::forget(Settings::SECRET);
        }
        self::put(Settings::SELECTORS, $selectors);
        $sent = isset($_POST['events']) && is_array($_POST['events']) ? $_POST['events'] : [];
        self::put(Settings::EVENTS, implode(',', array_diff(Events::TYPES, $sent)));
        State::set(Settings::SERVER_LOCK, isset($_POST['server_lock']) ? 'on' : 'off');
        State::set(Settings::PUSH, isset($_POST['push']) ? 'on' : 'off');
        State::set(Settings::SUGGEST, isset($_POST['suggest']) ? 'on' : 'off');
        return [[true, $words['saved']]];
    }

    /** @param array<string, string> $words */
    private static function test(array $words): array
    {
        $started = microtime(true);
        $heard = Deskside::deliver(Signature::newId('evt'), (string) json_encode(Events::test()));
        $asked = Deskside::test(['type' => 'ping']);
        $took = (int) round((microtime(true) - $started) * 1000);
        $messages = [];
        foreach (['test_events' => $heard, 'test_pages' => $asked] as $name => $answer) {
            $messages[] = $answer->ok()
                ? [true, sprintf($words[$name . '_good'], $took)]
                : [false, sprintf($words[$name . '_bad'], $answer->why())];
        }
        return $messages;
    }

    /** @param array<string, string> $words */
    private static function state(array $words): string
    {
        $summary = Outbox::summary();
        $open = Breaker::open();
        $rows = [
            $words['address'] => Settings::address() !== '' ? Settings::address() : $words['not_set'],
            $words['secret'] => Settings::secret() !== '' ? $words['secret_set'] : $words['not_set'],
            $words['contact'] => self::ago(Breaker::lastContact(), $words),
            $words['breaker'] => $open
                ? sprintf($words['breaker_open'], Breaker::until() - time(), Breaker::lastFailure())
                : $words['breaker_closed'],
            $words['waiting'] => $summary['waiting'] === 0
                ? '0'
                : sprintf($words['waiting_since'], $summary['waiting'], self::ago($summary['oldest'], $words)),
            $words['sent'] => (string) $summary['sent'],
        ];
        $html = '<h2>' . Lang::html($words['state']) . '</h2><table class="table deskside-facts"><tbody>';
        foreach ($rows as $name => $value) {
            $html .= '<tr><th scope="row">' . Lang::html($name) . '</th><td>' . Lang::html($value) . '</td></tr>';
        }
        return $html . '</tbody></table>' . self::newest($words);
    }

    /** @param array<string, string> $words */
    private static function newest(array $words): string
    {
        $html = '';
        foreach (Outbox::newest(self::NEWEST) as $row) {
            $state = $row->sent_at ? $words['row_sent'] : $words['row_waits'];
            $html .= '<tr><td><code>' . Lang::html((string) $row->event) . '</code></td>'
                . '<td>' . Lang::html(self::ago((int) $row->created_at, $words)) . '</td>'
                . '<td>' . Lang::html($state) . '</td><td>' . (int) $row->tries . '</td>'
                . '<td>' . Lang::html((string) $row->last_error) . '</td></tr>';
        }
        if ($html === '') {
            return '';
        }
        $head = '';
        foreach (['event', 'when', 'row_state', 'tries', 'error'] as $name) {
            $head .= '<th scope="col">' . Lang::html($words[$name]) . '</th>';
        }
        return '<details><summary>' . Lang::html($words['newest']) . '</summary><div class="deskside-scroll">'
            . '<table class="table"><thead><tr>' . $head . '</tr></thead><tbody>' . $html . '</tbody></table></div>'
            . '</details>';
    }

    /** @param array<string, string> $words */
    private static function form(array $words): string
    {
        $events = '';
        foreach (Events::TYPES as $type) {
            $events .= '<label>' . self::box('events[]', $type, Settings::sends($type))
                . ' <code>' . Lang::html($type) . '</code></label>';
        }
        return '<h2>' . Lang::html($words['settings']) . '</h2>'
            . '<form method="post" action="addonmodules.php?module=deskside">' . self::hidden()
            . self::field($words['address'], 'address', 'url', State::get(Settings::ADDRESS), $words['address_help'])
            . self::field($words['secret'], 'secret', 'password', '', $words['secret_help'])
            . '<p><label>' . self::box('secret_packed', '1', false) . ' ' . Lang::html($words['secret_packed'])
            . '</label></p>'
            . '<fieldset><legend>' . Lang::html($words['events']) . '</legend>'
            . '<div class="deskside-events">' . $events . '</div></fieldset>'
            . '<p><label>' . self::box('server_lock', '1', Settings::serverLock()) . ' '
            . Lang::html($words['server_lock']) . '</label></p>'
            . '<p><label>' . self::box('push', '1', Settings::push()) . ' ' . Lang::html($words['push'])
            . '</label></p>'
            . '<p><label>' . self::box('suggest', '1', Settings::suggest()) . ' ' . Lang::html($words['suggest'])
            . '</label></p>'
            . '<p><label class="deskside-label" for="deskside-selectors">'
            . Lang::html($words['selectors']) . '</label>'
            . '<textarea id="deskside-selectors" name="selectors" rows="3" class="form-control" spellcheck="false">'
            . Lang::html(State::get(Settings::SELECTORS)) . '</textarea></p>'
            . self::button('save', $words['save'], 'btn-primary') . '</form>'
            . '<form method="post" action="addonmodules.php?module=deskside" class="deskside-acts">' . self::hidden()
            . self::button('test', $words['test'], 'btn-default') . ' '
            . self::button('flush', $words['flush'], 'btn-default') . '</form>';
    }

    private static function field(string $label, string $name, string $type, string $value, string $help): string
    {
        $id = 'deskside-' . $name;
        return '<p><label class="deskside-label" for="' . $id . '">' . Lang::html($label) . '</label>'
            . '<input class="form-control" id="' . $id . '" name="' . $name . '" type="' . $type . '" value="'
            . Lang::html($value) . '" autocomplete="off"><small class="deskside-quiet">' . Lang::html($help)
            . '</small></p>';
    }

    private static function box(string $name, string $value, bool $on): string
    {
        return '<input type="checkbox" name="' . $name . '" value="' . Lang::html($value) . '"'
            . ($on ? ' checked' : '') . '>';
    }

    private static function button(string $do, string $label, string $class): string
    {
        return '<button class="btn ' . $class . '" name="deskside_do" value="' . $do . '">' . Lang::html($label)
            . '</button>';
    }

    private static function hidden(): string
    {
        // WHMCS may want its own token too; the docs describe no helper for addons, so it is used where it is there.
        $own = function_exists('generate_token') ? (string) generate_token('form') : '';
        return $own . '<input type="hidden" name="deskside_token" value="'
            . Lang::html(Token::make(self::PURPOSE, Staff::id())) . '">';
    }

    private static function put(string $name, string $value): void
    {
        if ($value === '') {
            State::forget($name);
        } else {
            State::set($name, $value);
        }
    }

    private static function posted(string $name): string
    {
        return isset($_POST[$name]) && is_string($_POST[$name]) ? Lang::typed($_POST[$name]) : '';
    }

    /** @param array<string, string> $words */
    private static function ago(int $at, array $words): string
    {
        if ($at === 0) {
            return $words['never'];
        }
        $seconds = max(0, time() - $at);
        if ($seconds < 120) {
            return sprintf($words['seconds_ago'], $seconds);
        }
        return sprintf($words['minutes_ago'], intdiv($seconds, 60));
    }
}
