<?php

enum Colour: string
{
    case Red = "red";
}
