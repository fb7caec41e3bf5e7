<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Every place in WHMCS's own pages that the scripts look for. They are those of the stock themes and documented
 * nowhere; where one is missing, the scripts show a banner and leave the page alone. The settings page changes them.
 */
final class Selectors
{
    private const STOCK = [
        'replyForm' => '#frmAddTicketReply',
        'replyField' => '#replymessage',
        'replyButton' => '#btnPostReply',
        'ticketSubject' => '#inputSubject, form[action*="submitticket"] input[name="subject"]',
        'clientPlace' => '#main-body .primary-content, #main-body .main-content, #main-body .container, #main-body',
    ];

    /** @return array<string, string> */
    public static function all(): array
    {
        $changed = json_decode(State::get(Settings::SELECTORS, '{}'), true);
        $found = self::STOCK;
        foreach (is_array($changed) ? $changed : [] as $name => $selector) {
            if (isset($found[$name]) && is_string($selector) && $selector !== '') {
                $found[$name] = $selector;
            }
        }
        return $found;
    }

    /** What is wrong with what a person typed, or an empty text. */
    public static function wrong(string $json): string
    {
        $read = $json === '' ? [] : json_decode($json, true);
        if (!is_array($read)) {
            return 'wrong_selectors';
        }
        return array_diff_key($read, self::STOCK) === [] ? '' : 'wrong_selectors';
    }
}
