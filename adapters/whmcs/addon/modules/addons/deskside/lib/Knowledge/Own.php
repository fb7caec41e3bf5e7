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
    public const TEXTS = 'mod_deskside_texts';
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

    /**
     * A new article. What is kept of one that a person deleted, under the same marker or the same id, is forgotten; a
     * marker whose article is there makes the database refuse, as does another request with it at the same time.
     */
    public static function add(int $id, string $marker, string $language, int $category, bool $private): void
    {
        $old = [$id];
        $before = Capsule::table(self::ARTICLES)->where('marker', $marker)->value('article_id');
        if ($before !== null && !Articles::exists((int) $before)) {
            $old[] = (int) $before;
        }
        Capsule::table(self::TEXTS)->whereIn('article_id', $old)->delete();
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

    /**
     * Remember what Deskside calls a language of an article, and its text when it is a draft.
     *
     * Refuses when WHMCS has the language already under another tag: it has one text for `en` and `en-us`.
     */
    public static function keep(int $id, string $language, string $tag, ?Text $draft): void
    {
        $texts = Capsule::table(self::TEXTS)->where('article_id', $id)->where('language', $language);
        $known = (clone $texts)->value('tag');
        if ($known !== null && $known !== $tag) {
            throw new Refused(422, 'language_taken', 'the article has this language already, as ' . $known);
        }
        $values = [
            'tag' => $tag,
            'draft' => $draft === null ? 0 : 1,
            'title' => $draft === null ? '' : $draft->title,
            'article' => $draft === null ? '' : $draft->html,
        ];
        if ($known === null) {
            Capsule::table(self::TEXTS)->insert(['article_id' => $id, 'language' => $language] + $values);
        } else {
            $texts->update($values);
        }
    }

    /**
     * @param int[] $ids
     * @return array<int, array<string, object>> by article and language
     */
    public static function texts(array $ids): array
    {
        $found = [];
        foreach (Capsule::table(self::TEXTS)->whereIn('article_id', $ids)->orderBy('language')->get() as $row) {
            $found[(int) $row->article_id][(string) $row->language] = $row;
        }
        return $found;
    }
}
