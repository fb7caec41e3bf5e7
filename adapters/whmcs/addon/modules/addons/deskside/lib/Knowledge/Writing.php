<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use Illuminate\Database\QueryException;
use WHMCS\Database\Capsule;

/**
 * What changes articles, each in one transaction and only our own. Views and votes are never touched.
 */
final class Writing
{
    private const TABLE = Articles::TABLE;
    private const LINKS = Articles::LINKS;

    /** @return array<string, mixed> a draft's id; with a marker that was used before, the id of that article */
    public static function create(Request $request): array
    {
        $marker = $request->marker();
        $found = Own::byMarker($marker);
        if ($found !== null) {
            return ['id' => $found, 'made' => false];
        }
        try {
            return Rows::together(function () use ($request, $marker) {
                return ['id' => self::insert($request, $marker), 'made' => true];
            });
        } catch (QueryException $error) {
            // Two at once: the marker is unique, so that of the other one stands.
            $found = Own::byMarker($marker);
            if ($found === null) {
                throw $error;
            }
            return ['id' => $found, 'made' => false];
        }
    }

    /** @return array<string, mixed> */
    public static function write(Request $request): array
    {
        $id = $request->number('id');
        [$language, $tag] = [$request->language(), $request->tag()];
        $draft = $request->flag('draft');
        $text = Text::of($request);
        return Rows::together(function () use ($id, $language, $tag, $draft, $text) {
            $own = Own::row($id);
            Own::keep($id, $language, $tag, $draft ? $text : null);
            if ($language !== (string) $own->language) {
                self::translation($id, $language, $text, $draft);
            } elseif ($draft) {
                self::put($id, new Text($text->plain, ''));
                self::hide($id, Categories::DRAFTS);
            } else {
                self::put($id, $text);
                self::show($own);
            }
            return ['article' => Articles::one($id)];
        });
    }

    /** @return array<string, mixed> */
    public static function file(Request $request): array
    {
        $id = $request->number('id');
        $category = $request->number('category');
        $private = $request->flag('private');
        $order = $request->numberOrNull('order');
        $tags = $request->texts('tags', Tags::MOST);
        $before = $request->texts('tags_before', Tags::MOST);
        return Rows::together(function () use ($id, $category, $private, $order, $tags, $before) {
            $own = Own::row($id);
            Categories::demand($category);
            Own::change($id, $category, $private);
            Tags::set($id, $tags, $before);
            if ($order !== null) {
                Capsule::table(self::TABLE)->where('id', $id)->update(['order' => $order]);
            }
            $categories = Articles::categories([$id])[$id];
            $drafts = Articles::hides(Categories::DRAFTS, $categories);
            $archived = Articles::hides(Categories::ARCHIVE, $categories);
            if (!$drafts && !$archived) {
                if ((int) $own->category_id !== $category) {
                    self::unlink($id, [(int) $own->category_id]);
                }
                self::link($id, $category);
                self::close($id, $private);
            }
            return $archived ? [] : ['article' => Articles::one($id)];
        });
    }

    /** @return array<string, mixed> */
    public static function archive(int $id): array
    {
        return Rows::together(function () use ($id) {
            if (!Articles::exists($id)) {
                return ['archived' => false];
            }
            Own::row($id);
            self::hide($id, Categories::ARCHIVE);
            return ['archived' => true];
        });
    }

    private static function insert(Request $request, string $marker): int
    {
        $language = $request->language();
        $category = $request->number('category');
        $private = $request->flag('private');
        $text = Text::of($request);
        Categories::demand($category);
        $id = self::row(new Text($text->plain, ''), 0, '', $request->numberOrNull('order') ?? 0);
        Own::add($id, $marker, $language, $category, $private);
        Own::keep($id, $language, $request->tag(), $text);
        self::link($id, Categories::hidden(Categories::DRAFTS));
        Tags::set($id, $request->texts('tags', Tags::MOST), []);
        return $id;
    }

    private static function translation(int $id, string $language, Text $text, bool $draft): void
    {
        $rows = Capsule::table(self::TABLE)->where('parentid', $id)->where('language', $language);
        $row = (clone $rows)->orderBy('id')->first();
        if ($draft) {
            // A translation has no state of its own: what readers must not see is not in the table.
            $rows->delete();
        } elseif ($row === null) {
            $base = Capsule::table(self::TABLE)->where('id', $id)->first(['private', 'order']);
            self::row($text, $id, $language, (int) $base->order, (string) $base->private);
        } else {
            self::put((int) $row->id, $text);
        }
    }

    private static function row(Text $text, int $parent, string $language, int $order, string $private = 'on'): int
    {
        $id = Rows::insert(self::TABLE, [
            'title' => $text->title,
            'article' => $text->html,
            'views' => 0,
            'useful' => 0,
            'votes' => 0,
            'private' => $private,
            'order' => $order,
            'parentid' => $parent,
            'language' => $language,
        ]);
        Text::demandKept(self::TABLE, $id, ['title' => $text->title, 'article' => $text->html]);
        return $id;
    }

    private static function put(int $id, Text $text): void
    {
        $written = ['title' => $text->title, 'article' => $text->html];
        Capsule::table(self::TABLE)->where('id', $id)->update($written);
        Text::demandKept(self::TABLE, $id, $written);
    }

    /** @param object $own */
    private static function show($own): void
    {
        $id = (int) $own->article_id;
        $categories = Articles::categories([$id])[$id];
        if ($categories !== [] && array_diff($categories, Categories::own()) === $categories) {
            return;
        }
        Categories::demand((int) $own->category_id);
        self::unlink($id, Categories::own());
        self::link($id, (int) $own->category_id);
        self::close($id, (bool) $own->private);
    }

    private static function hide(int $id, string $kind): void
    {
        Capsule::table(self::LINKS)->where('articleid', $id)->delete();
        self::link($id, Categories::hidden($kind));
        self::close($id, true);
    }

    private static function close(int $id, bool $private): void
    {
        Capsule::table(self::TABLE)
            ->where(function ($query) use ($id) {
                $query->where('id', $id)->orWhere('parentid', $id);
            })
            ->update(['private' => $private ? 'on' : '']);
    }

    private static function link(int $id, int $category): void
    {
        $there = Capsule::table(self::LINKS)->where('articleid', $id)->where('categoryid', $category)->exists();
        if (!$there) {
            Rows::insert(self::LINKS, ['categoryid' => $category, 'articleid' => $id]);
        }
    }

    /** @param int[] $categories */
    private static function unlink(int $id, array $categories): void
    {
        Capsule::table(self::LINKS)->where('articleid', $id)->whereIn('categoryid', $categories)->delete();
    }
}
