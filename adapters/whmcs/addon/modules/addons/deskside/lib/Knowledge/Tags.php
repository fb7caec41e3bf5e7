<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * The tags of an article: ours are set, other people's stay.
 */
final class Tags
{
    public const LONGEST = 64;
    public const MOST = 100;
    private const TABLE = 'tblknowledgebasetags';

    /**
     * @param int[] $ids
     * @return array<int, string[]> by article
     */
    public static function of(array $ids): array
    {
        $found = [];
        foreach (Capsule::table(self::TABLE)->whereIn('articleid', $ids)->orderBy('id')->get() as $row) {
            $found[(int) $row->articleid][] = (string) $row->tag;
        }
        return $found;
    }

    /**
     * @param string[] $wanted
     * @param string[] $before those that an earlier writing set
     */
    public static function set(int $id, array $wanted, array $before): void
    {
        foreach ($wanted as $tag) {
            Text::demandStorable($tag);
            if (trim($tag) === '' || preg_match('/^.{1,' . self::LONGEST . '}$/us', $tag) !== 1) {
                throw new Refused(422, 'tag', 'a tag has 1 to ' . self::LONGEST . ' characters');
            }
        }
        $there = self::of([$id])[$id] ?? [];
        foreach (array_diff(array_intersect($there, $before), $wanted) as $tag) {
            Capsule::table(self::TABLE)->where('articleid', $id)->where('tag', $tag)->delete();
        }
        foreach (array_unique(array_diff($wanted, $there)) as $tag) {
            $row = Rows::insert(self::TABLE, ['articleid' => $id, 'tag' => $tag]);
            Text::demandKept(self::TABLE, $row, ['tag' => $tag]);
        }
    }
}
