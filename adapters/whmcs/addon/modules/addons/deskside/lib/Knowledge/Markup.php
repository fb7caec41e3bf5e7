<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

/**
 * The last look at a body before every visitor's browser gets it: themes print articles raw. Deskside has cleaned it to
 * a list of what is allowed; here only what must never come is refused, whoever holds the secret.
 */
final class Markup
{
    private const TAG = '/<(\/?)([a-zA-Z][^\s>\/]*)((?:[^>"\']|"[^"]*"|\'[^\']*\')*+)>/';
    private const ATTRIBUTE = '/([^\s"\'>\/=]+)(?:\s*=\s*("[^"]*"|\'[^\']*\'|[^\s"\'>]+))?/';
    private const TAGS = [
        'applet', 'base', 'body', 'button', 'embed', 'form', 'frame', 'frameset', 'head', 'html', 'input', 'link',
        'math', 'meta', 'noscript', 'object', 'plaintext', 'script', 'select', 'style', 'svg', 'template', 'textarea',
        'title', 'xmp',
    ];
    private const ADDRESSES = [
        'action', 'background', 'cite', 'data', 'formaction', 'href', 'longdesc', 'poster', 'src', 'xlink:href',
    ];
    private const SCHEMES = ['http', 'https', 'mailto', 'tel'];

    public static function demandHarmless(string $html): void
    {
        $rest = preg_replace_callback(self::TAG, function ($found) {
            self::tag(strtolower($found[2]), $found[3]);
            return '';
        }, $html);
        // Comments, declarations, and tags that are not closed: our sanitiser leaves none.
        if ($rest === null || preg_match('/<[a-zA-Z\/!?]/', $rest) === 1) {
            throw self::unsafe('markup that is not closed');
        }
    }

    private static function tag(string $name, string $attributes): void
    {
        if (in_array($name, self::TAGS, true) || preg_match('/^[a-z][a-z0-9]*$/D', $name) !== 1) {
            throw self::unsafe('a tag that is not allowed');
        }
        preg_match_all(self::ATTRIBUTE, $attributes, $found, PREG_SET_ORDER);
        foreach ($found as $one) {
            $attribute = strtolower($one[1]);
            if (strncmp($attribute, 'on', 2) === 0 || $attribute === 'srcdoc') {
                throw self::unsafe('an attribute that is not allowed');
            }
            if (in_array($attribute, self::ADDRESSES, true)) {
                self::address(trim($one[2] ?? '', '"\''));
            }
        }
    }

    private static function address(string $written): void
    {
        // As a browser reads it: entities decoded, blanks and controls left out.
        $address = html_entity_decode($written, ENT_QUOTES | ENT_HTML5, 'UTF-8');
        $address = (string) preg_replace('/[\x00-\x20\x7f]+/', '', $address);
        if (preg_match('/^([^:\/?#]*):/', $address, $found) !== 1) {
            return;
        }
        if (!in_array(strtolower($found[1]), self::SCHEMES, true)) {
            throw self::unsafe('an address of a scheme that is not allowed');
        }
    }

    private static function unsafe(string $what): Refused
    {
        return new Refused(422, 'unsafe', 'the article holds ' . $what);
    }
}
