<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Lang;

/**
 * The categories of the knowledge base, and two of our own, hidden: for drafts and for what was archived.
 */
final class Categories
{
    public const DRAFTS = 'drafts';
    public const ARCHIVE = 'archive';
    private const NAMES = [
        self::DRAFTS => 'Deskside: drafts',
        self::ARCHIVE => 'Deskside: archive',
    ];

    /** @return array<int, array<string, mixed>> all but translations of categories and our own */
    public static function all(): array
    {
        $own = self::own();
        $found = [];
        foreach (self::rows() as $id => $row) {
            if (!in_array($id, $own, true)) {
                $found[] = [
                    'id' => $id,
                    'parent' => (int) $row->parentid,
                    'name' => Lang::typed((string) $row->name),
                    'hidden' => self::hides($row),
                ];
            }
        }
        return $found;
    }

    /**
     * The category at the end of this path; what lacks on the way is made.
     *
     * @param string[] $path names, outermost first
     * @return array<string, mixed>
     */
    public static function make(array $path): array
    {
        if ($path === [] || in_array('', array_map('trim', $path), true)) {
            throw Refused::malformed('path must have names');
        }
        return Rows::together(function () use ($path) {
            $parent = $made = 0;
            foreach ($path as $name) {
                $found = self::child($parent, $name);
                $parent = $found ?? self::insert($parent, $name, false);
                $made += $found === null ? 1 : 0;
            }
            return ['id' => $parent, 'made' => $made];
        });
    }

    /** Refuses a category that is not there, is another's translation, or is our own. */
    public static function demand(int $id): void
    {
        $row = Capsule::table('tblknowledgebasecats')->where('id', $id)->first();
        if ($row === null || (int) $row->catid !== 0 || in_array($id, self::own(), true)) {
            throw new Refused(422, 'no_category', 'there is no such category');
        }
    }

    /** Our own hidden category of this kind; it is made where it is missing. */
    public static function hidden(string $kind): int
    {
        $own = self::own();
        if (isset($own[$kind]) && Capsule::table('tblknowledgebasecats')->where('id', $own[$kind])->exists()) {
            return $own[$kind];
        }
        $id = self::insert(0, self::NAMES[$kind], true);
        Capsule::table(Own::CATEGORIES)->updateOrInsert(['kind' => $kind], ['category_id' => $id]);
        return $id;
    }

    /** @return array<string, int> by kind, those that were made so far */
    public static function own(): array
    {
        $found = [];
        foreach (Capsule::table(Own::CATEGORIES)->get() as $row) {
            $found[(string) $row->kind] = (int) $row->category_id;
        }
        return $found;
    }

    /** @return int[] the categories that readers do not see, for themselves or for one above them */
    public static function unseen(): array
    {
        $rows = self::rows();
        $unseen = [];
        foreach (array_keys($rows) as $id) {
            $seen = [];
            for ($at = $id; isset($rows[$at]) && !isset($seen[$at]); $at = (int) $rows[$at]->parentid) {
                $seen[$at] = true;
                if (self::hides($rows[$at])) {
                    $unseen[] = $id;
                    break;
                }
            }
        }
        return $unseen;
    }

    /** @return array<int, object> */
    private static function rows(): array
    {
        $found = [];
        $columns = ['id', 'parentid', 'name', 'hidden'];
        foreach (Capsule::table('tblknowledgebasecats')->where('catid', 0)->orderBy('id')->get($columns) as $row) {
            $found[(int) $row->id] = $row;
        }
        return $found;
    }

    /** @param object $row */
    private static function hides($row): bool
    {
        return !in_array((string) $row->hidden, ['', '0'], true);
    }

    private static function child(int $parent, string $name): ?int
    {
        foreach (self::rows() as $id => $row) {
            if ((int) $row->parentid === $parent && Lang::typed((string) $row->name) === $name) {
                return $id;
            }
        }
        return null;
    }

    private static function insert(int $parent, string $name, bool $hidden): int
    {
        Text::demandStorable($name);
        $stored = Lang::html($name);
        $id = Rows::insert('tblknowledgebasecats', [
            'parentid' => $parent,
            'name' => $stored,
            'description' => '',
            'hidden' => $hidden ? 'on' : '',
            'catid' => 0,
            'language' => '',
        ]);
        Text::demandKept('tblknowledgebasecats', $id, ['name' => $stored]);
        return $id;
    }
}
