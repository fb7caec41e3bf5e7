<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;

/**
 * Which articles are Deskside's own. No others are ever written.
 *
 * Drafts are kept here and not in WHMCS's table: what is not there no page and no search of WHMCS can show.
 */
final class Own
{
    public const ARTICLES = 'mod_deskside_articles';
    public const DRAFTS = 'mod_deskside_article_drafts';
    public const CATEGORIES = 'mod_deskside_categories';

    /** The id of the article that was made with this marker and is still there. */
    public static function byMarker(string $marker): ?int
    {
        $id = Capsule::table(self::ARTICLES)->where('marker', $marker)->value('article_id');
        return $id !== null && Articles::exists((int) $id) ? (int) $id : null;
    }

    /** @return object the row of an own article; refuses for others */
    public static function row(int $id)
    {
        if (!Articles::exists($id)) {
            throw Refused::gone();
        }
        $own = Capsule::table(self::ARTICLES)->where('article_id', $id)->first();
        if ($own === null) {
            throw new Refused(403, 'not_ours', 'this article was not made by Deskside');
        }
        return $own;
    }

    /**
     * @param int[] $ids
     * @return array<int, object> by article
     */
    public static function rows(array $ids): array
    {
        $found = [];
        foreach (Capsule::table(self::ARTICLES)->whereIn('article_id', $ids)->get() as $row) {
            $found[(int) $row->article_id] = $row;
        }
        return $found;
    }

    /** A new article. One that a person deleted under the same marker, or another of the same id, is forgotten. */
    public static function add(int $id, string $marker, string $language, int $category, bool $private): void
    {
        $old = Capsule::table(self::ARTICLES)->where('marker', $marker)->orWhere('article_id', $id)
            ->pluck('article_id')->all();
        Capsule::table(self::DRAFTS)->whereIn('article_id', $old)->delete();
        Capsule::table(self::ARTICLES)->whereIn('article_id', $old)->delete();
        Capsule::table(self::ARTICLES)->insert([
            'article_id' => $id,
            'marker' => $marker,
            'language' => $language,
            'category_id' => $category,
            'private' => (int) $private,
            'created_at' => time(),
        ]);
    }

    public static function change(int $id, int $category, bool $private): void
    {
        Capsule::table(self::ARTICLES)->where('article_id', $id)
            ->update(['category_id' => $category, 'private' => (int) $private]);
    }

    public static function park(int $id, string $language, string $title, string $html): void
    {
        self::unpark($id, $language);
        Capsule::table(self::DRAFTS)->insert(
            ['article_id' => $id, 'language' => $language, 'title' => $title, 'article' => $html]
        );
    }

    public static function unpark(int $id, string $language): void
    {
        Capsule::table(self::DRAFTS)->where('article_id', $id)->where('language', $language)->delete();
    }

    /**
     * @param int[] $ids
     * @return array<int, array<string, object>> by article and language
     */
    public static function drafts(array $ids): array
    {
        $found = [];
        foreach (Capsule::table(self::DRAFTS)->whereIn('article_id', $ids)->orderBy('language')->get() as $row) {
            $found[(int) $row->article_id][(string) $row->language] = $row;
        }
        return $found;
    }
}
