<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * What the columns of the knowledge base take. Old installs have TEXT (65,535 bytes) and utf8mb3, where an article is
 * cut at its first emoji.
 */
final class Columns
{
    private const TABLE = 'tblknowledgebase';

    /** @var array<string, mixed>|null */
    private static $known = null;

    /**
     * @return array<string, mixed> article_bytes and title_characters (null: not limited), four_byte_characters,
     *     charset, strict, transactions
     */
    public static function all(): array
    {
        if (self::$known === null) {
            self::$known = Capsule::connection()->getDriverName() === 'mysql' ? self::asked() : [
                'article_bytes' => null, 'title_characters' => null, 'four_byte_characters' => true,
                'charset' => 'utf8', 'strict' => true, 'transactions' => true,
            ];
        }
        return self::$known;
    }

    /** @return array<string, mixed> */
    private static function asked(): array
    {
        $connection = Capsule::connection();
        $own = $connection->selectOne(
            'SELECT @@character_set_connection AS written, @@character_set_client AS sent, @@sql_mode AS mode'
        );
        $columns = [];
        $charsets = [(string) $own->written, (string) $own->sent];
        $rows = $connection->select(
            'SELECT column_name AS name, character_octet_length AS bytes, character_maximum_length AS characters,'
            . ' character_set_name AS charset'
            . ' FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?'
            . " AND column_name IN ('article', 'title')",
            [self::TABLE]
        );
        foreach ($rows as $row) {
            $columns[(string) $row->name] = $row;
            $charsets[] = (string) $row->charset;
        }
        $engine = $connection->selectOne(
            'SELECT engine AS engine FROM information_schema.tables WHERE table_schema = DATABASE()'
            . ' AND table_name = ?',
            [self::TABLE]
        );
        $least = array_diff($charsets, ['utf8mb4']);
        return [
            'article_bytes' => isset($columns['article']) ? (int) $columns['article']->bytes : null,
            'title_characters' => isset($columns['title']) ? self::characters($columns['title']) : null,
            'four_byte_characters' => $least === [],
            'charset' => $least === [] ? 'utf8mb4' : (string) reset($least),
            'strict' => strpos((string) $own->mode, 'STRICT_') !== false,
            'transactions' => $engine !== null && strcasecmp((string) $engine->engine, 'InnoDB') === 0,
        ];
    }

    /**
     * How many characters always fit: a VARCHAR counts them, a TEXT counts bytes.
     *
     * @param object $column
     */
    private static function characters($column): int
    {
        [$bytes, $characters] = [(int) $column->bytes, (int) $column->characters];
        return $bytes > $characters ? $characters : intdiv($bytes, 4);
    }
}
