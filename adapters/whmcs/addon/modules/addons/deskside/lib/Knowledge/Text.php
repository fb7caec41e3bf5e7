<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Lang;

/**
 * A title and a body on their way into the database: refused when they do not fit, never cut. Themes print both as they
 * are stored, so a title is stored with its entities encoded, as WHMCS stores what is typed.
 */
final class Text
{
    /** @var string */
    public $plain;

    /** @var string the title as it is stored */
    public $title;

    /** @var string */
    public $html;

    public function __construct(string $title, string $html)
    {
        self::demandStorable($title);
        self::demandStorable($html);
        Markup::demandHarmless($html);
        $this->plain = $title;
        $this->title = Lang::html($title);
        $this->html = $html;
        $columns = Columns::all();
        self::demandFitting('title', (int) preg_match_all('/./us', $this->title), $columns['title_characters']);
        self::demandFitting('article', strlen($this->html), $columns['article_bytes']);
    }

    public static function of(Request $request): self
    {
        $title = $request->text('title');
        if (trim($title) === '') {
            throw Refused::malformed('title must not be empty');
        }
        return new self($title, $request->text('html'));
    }

    /** Refuses what the charset of the database would cut or turn into question marks. */
    public static function demandStorable(string $text): void
    {
        if (preg_match('//u', $text) !== 1 || strpos($text, "\0") !== false) {
            throw new Refused(422, 'not_text', 'there are bytes in it that are no UTF-8 text');
        }
        if (!Columns::all()['four_byte_characters'] && preg_match('/[\x{10000}-\x{10FFFF}]/u', $text) === 1) {
            throw new Refused(422, 'four_byte_characters', 'the database would cut it at an emoji or a rare character');
        }
    }

    /**
     * Refuses, inside a transaction, when the database made something else of what was written.
     *
     * @param array<string, string> $written by column
     */
    public static function demandKept(string $table, int $id, array $written): void
    {
        $row = Capsule::table($table)->where('id', $id)->first(array_keys($written));
        if ($row === null || array_map('strval', (array) $row) !== $written) {
            throw new Refused(422, 'not_kept', 'the database did not keep the text as it was sent');
        }
    }

    /** What tells whether it was edited: WHMCS keeps no time. */
    public static function hash(string $storedTitle, string $storedHtml): string
    {
        return hash('sha256', $storedTitle . "\n" . $storedHtml);
    }

    private static function demandFitting(string $name, int $size, ?int $most): void
    {
        if ($most !== null && $size > $most) {
            throw new Refused(422, 'too_long', $name . ' has ' . $size . ', at most ' . $most . ' are taken');
        }
    }
}
