<?php

class Point
{
    public function __construct(private int $x)
    {
    }
}
