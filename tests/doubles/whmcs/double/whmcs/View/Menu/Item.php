<?php

namespace WHMCS\View\Menu;

/**
 * An item of a menu, a sidebar or the home page's panels; only what the documentation names.
 */
final class Item
{
    /** @var string */
    private $name;

    /** @var array<string, mixed> label, uri, order, icon, badge */
    private $attributes;

    /** @var array<string, Item> */
    private $children = [];

    /** @param array<string, mixed> $attributes */
    public function __construct(string $name, array $attributes = [])
    {
        $this->name = $name;
        $this->attributes = $attributes;
    }

    /**
     * @param string|Item $child
     * @param array<string, mixed> $attributes
     */
    public function addChild($child, array $attributes = []): Item
    {
        $child = $child instanceof Item ? $child : new Item($child, $attributes);
        $this->children[$child->getName()] = $child;
        return $child;
    }

    public function getChild(string $name): ?Item
    {
        return $this->children[$name] ?? null;
    }

    public function removeChild(string $name): Item
    {
        unset($this->children[$name]);
        return $this;
    }

    public function getName(): string
    {
        return $this->name;
    }

    public function getLabel(): string
    {
        return (string) ($this->attributes['label'] ?? $this->name);
    }

    public function setLabel(string $label): Item
    {
        $this->attributes['label'] = $label;
        return $this;
    }

    public function getUri(): string
    {
        return (string) ($this->attributes['uri'] ?? '');
    }

    public function setUri(string $uri): Item
    {
        $this->attributes['uri'] = $uri;
        return $this;
    }

    public function getOrder(): int
    {
        return (int) ($this->attributes['order'] ?? 0);
    }

    public function setOrder(int $order): Item
    {
        $this->attributes['order'] = $order;
        return $this;
    }

    /** @return Item[] by their order */
    public function getChildren(): array
    {
        $children = array_values($this->children);
        usort($children, function (Item $one, Item $other) {
            return $one->getOrder() <=> $other->getOrder();
        });
        return $children;
    }

    public function hasChildren(): bool
    {
        return $this->children !== [];
    }
}
